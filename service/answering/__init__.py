"""One question to one cited answer; `pipeline.py` is the place to begin reading."""

"""Model weights on disk: catalogue, fetch, verify, convert, and nothing else."""

"""Language models on the Hugging Face hub: `hf:OWNER/REPO/FILE.gguf`, through huggingface_hub.

Its cache, token (HF_TOKEN), endpoint (HF_ENDPOINT) and offline mode (HF_HUB_OFFLINE) are honoured.
"""

import logging
import os
import re
from functools import partial
from pathlib import Path

from service.errors import ModelUnavailable

_ANSWER_WITHIN_S = 5
_NAME = re.compile(
    r"hf:(?P<repo>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/(?P<file>[\w][\w./-]*\.gguf)(?:@(?P<revision>[\w./-]+))?"
)


def is_hub_name(value: str) -> bool:
    """Return whether the value names a file on the hub."""
    return value.startswith("hf:")


def fetch_from_hub(value: str, *, cached_only: bool = False) -> Path:
    """Return the file of `hf:OWNER/REPO/FILE.gguf[@REVISION]` in the hub's cache, downloading it if missing.

    What is cached is used as it is, without asking the hub for a newer one. cached_only: never use the
    network. Raises ModelUnavailable.
    """
    match = _NAME.fullmatch(value)
    if not match or ".." in match["file"]:
        raise ModelUnavailable(f"{value!r} names no file on the hub; write hf:OWNER/REPO/FILE.gguf")
    from huggingface_hub import errors, hf_hub_download

    # Each retry would be a warning; what ends the attempt is reported below.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    find = partial(
        hf_hub_download,
        match["repo"],
        match["file"],
        revision=match["revision"],
        endpoint=os.environ.get("HF_ENDPOINT"),
        cache_dir=os.environ.get("HF_HUB_CACHE"),
        etag_timeout=_ANSWER_WITHIN_S,
    )
    try:
        try:
            path = find(local_files_only=True)
        except errors.LocalEntryNotFoundError:
            if cached_only:
                raise
            path = find()
    except errors.GatedRepoError as error:
        raise ModelUnavailable(
            f"{value}: its licence must be accepted first, at https://huggingface.co/{match['repo']}; then "
            "set HF_TOKEN to your token"
        ) from error
    except errors.LocalEntryNotFoundError as error:
        reason = "it is not in the cache" if cached_only else "the hub cannot be reached"
        raise ModelUnavailable(
            f"{value}: {reason}, and the file is not there yet; fetch it where there is a network with: "
            f"inyong models pull {value}"
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise ModelUnavailable(
            f"{value}: the hub has no such file, or it is private (set HF_TOKEN to your token)"
        ) from error
    except (errors.HfHubHTTPError, errors.HFValidationError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(f"{value}: the hub's file cannot be fetched ({reason})") from error
    return Path(path)

"""Which versions of index, models and prompt an answer came from, as far as its reader may know them."""

from collections.abc import Mapping

from index.errors import StoreUnavailable
from service.access import Caller
from service.api.backend import Backend


def shown_versions(versions: Mapping[str, str], caller: Caller) -> dict[str, str]:
    """The versions; the number of the last change is of all collections, and not for those who see some."""
    hidden = () if caller.collections is None else ("index_change",)
    return {name: version for name, version in versions.items() if name not in hidden}


async def index_version(backend: Backend, caller: Caller) -> dict[str, str]:
    """That of the index as it is now; nothing when the store cannot be read, for the answer stands."""
    try:
        return shown_versions(await backend.run(backend.inyong.index_version), caller)
    except StoreUnavailable:
        return {}

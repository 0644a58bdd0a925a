"""The fixtures of the service's tests: a small store with fakes for models, and the command line."""

from tests.service.cli.conftest import run, run_process
from tests.service.conftest import world

__all__ = ["run", "run_process", "world"]

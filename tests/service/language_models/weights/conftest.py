from pathlib import Path

import pytest

from tests.service.language_models.weights.fake_models import Shelf, set_up_shelf


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    return set_up_shelf(tmp_path, monkeypatch)

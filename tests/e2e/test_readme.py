"""What the README shows is run as it stands."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert example is not None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "eval").symlink_to(ROOT / "eval")
    exec(compile(example.group(1), "README.md", "exec"), {})  # noqa: S102

"""The table of settings as the README shows it. Print it with: python -m tests.service.settings_table."""

import sys
from dataclasses import fields

from service.settings import Settings


def render_settings_table() -> str:
    """One Markdown row a setting: key of inyong.toml, variable, default, valid range, meaning."""
    rows = ["| setting | variable | default | from–to | meaning |", "|---|---|---|---|---|"]
    for spec in fields(Settings):
        least, most = spec.metadata["least"], spec.metadata["most"]
        default = "" if spec.default is None else f"`{spec.default}`"
        valid = "" if least is None else f"{least}–{most}"
        cells = [f"`{spec.name}`", f"`INYONG_{spec.name.upper()}`", default, valid, spec.metadata["help"]]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_settings_table())

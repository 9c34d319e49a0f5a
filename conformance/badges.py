"""What was counted -> small SVG badges: a label, and a value in white on dark.

No badge says by its colour alone what it says: a bad one has ✗ before its value.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .cases import replace_files

__all__ = ["badge", "case_badges", "mutants_badge", "write_badges"]

_HEIGHT, _LETTER, _SIDE = 20, 6.6, 8  # pixels; a letter at 11 pixels is about so wide
_LABEL, _GOOD, _BAD = "#3b3b3b", "#005a8d", "#a03c00"  # blue and vermilion, for every eye


def badge(label: str, value: str, *, good: bool) -> str:
    """One SVG of 20 pixels height.

    >>> "✗ 3 of 4" in badge("cases", "3 of 4", good=False)
    True
    """
    value = value if good else f"✗ {value}"
    widths = [round(2 * _SIDE + _LETTER * len(text)) for text in (label, value)]
    total = sum(widths)
    title = html.escape(f"{label}: {value}")
    texts = "".join(
        f'<text x="{x}" y="14">{html.escape(text)}</text>'
        for text, x in ((label, widths[0] / 2), (value, widths[0] + widths[1] / 2))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{_HEIGHT}" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{widths[0]}" height="{_HEIGHT}" fill="{_LABEL}"/>'
        f'<rect x="{widths[0]}" width="{widths[1]}" height="{_HEIGHT}" '
        f'fill="{_GOOD if good else _BAD}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
        f'font-size="11">{texts}</g></svg>\n'
    )


def case_badges(reports: Iterable[dict[str, Any]]) -> dict[str, str]:
    """File name -> badge, one for each report that `run --json` wrote.

    Counted are passes of all keys, out of all cases: what an engine does not claim is no pass.
    """
    badges = {}
    for report in reports:
        full = report["counts"]["pass"] - report["in_part"]
        name = "".join(c if c.isalnum() else "-" for c in report["engine"])
        value = f"{full} of {len(report['results'])} cases"
        badges[f"cases-{name}.svg"] = badge(report["engine"], value, good=report["passed"])
    return badges


def mutants_badge(caught: int, mutants: int) -> dict[str, str]:
    """File name -> badge."""
    value = f"{caught} of {mutants} caught"
    return {"mutants.svg": badge("mutants", value, good=0 < caught == mutants)}


def write_badges(folder: Path, badges: dict[str, str]) -> None:
    """Write them all into `folder`."""
    replace_files({folder / name: svg.encode() for name, svg in badges.items()})

"""Points of growth.py -> an SVG that can be read on a light and on a dark page.

Colours that stay apart for the colour-blind (Okabe and Ito), each with a marker and a line of its
own. All of them, and the grey of words and axes, have a contrast of 3 and more with white and with
nearly black; the picture itself has no background.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from report import Point

__all__ = ["plot"]

_GREY = "#7b7b7b"
_LOOKS = (("#0072b2", "o", "-"), ("#d55e00", "s", "--"), ("#009e73", "^", "-."))
_STYLE: dict[Any, Any] = {
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "grid.alpha": 0.3,
    "grid.color": _GREY,
    "legend.labelcolor": _GREY,
    "svg.fonttype": "none",  # words stay words
    "svg.hashsalt": "lattice",  # the same points make the same bytes
    "text.color": _GREY,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
}


def plot(columns: Mapping[str, Mapping[str, Sequence[Point]]], path: Path) -> None:
    """Write the picture. `columns`: what grows -> title of a curve -> its points."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 6), layout="constrained")
        axes = figure.subplots(2, len(columns), sharex="col", sharey="row", squeeze=False)
        for column, (what, curves) in enumerate(columns.items()):
            speed, memory = axes[0][column], axes[1][column]
            for (title, points), (colour, marker, line) in zip(
                curves.items(), _LOOKS, strict=False
            ):
                steps, rates, megabytes, _ = zip(*points, strict=True)
                look = {"color": colour, "marker": marker, "linestyle": line, "linewidth": 2}
                speed.plot(steps, rates, label=title, **look)
                # below a megabyte there is nothing to be seen but chance
                memory.plot(steps, [max(1, size) for size in megabytes], **look)
            for part in (speed, memory):
                part.set_xscale("log", base=2)
                part.set_yscale("log")
                part.grid(visible=True)
            memory.set_xticks(
                max(([p.step for p in points] for points in curves.values()), key=len)
            )
            memory.xaxis.set_major_formatter(_with_commas)
            memory.set_xlabel(what)
        for row, unit in enumerate(("tokens per second", "MB above the loaded model")):
            axes[row][0].set_ylabel(unit)
            axes[row][0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes[row][0].yaxis.set_minor_locator(NullLocator())
            axes[row][0].yaxis.set_major_formatter(_with_commas)
        axes[0][0].legend(frameon=False)
        figure.savefig(path, transparent=True, metadata={"Date": None})


_with_commas: Callable[..., Any] = FuncFormatter(lambda value, _: f"{value:,.0f}")

"""Rows times a panel of columns, with every sum in a register: what all products are made of.

A tile is `rows` by two registers of columns. For each number of the sums it loads two registers of
the panel and adds their products with one number of each row: nothing is written before the sums
are done. A panel has its columns side by side, so it is read from front to end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from .assembly import Kernel, Value

__all__ = ["PANEL_REGISTERS", "for_tiles", "run_length", "tile", "tile_heights"]

PANEL_REGISTERS = 2

# Numbers are added up in runs, and then the runs: with one run for all, rounding errors grow with
# its length. They are least with runs of the square root of all; a run of 64 takes no time that
# could be measured, and is near enough for long sums.
_RUN, _RUN_OF_FEW = 64, 16
_FEW = 256

# Floats of the panel that are asked for ahead: it comes from beyond the second cache, once. More
# would be asked for in vain at the end of a panel, when another core has the next one.
_AHEAD = 1024


def tile_heights(width: int) -> tuple[int, ...]:
    """How many rows a tile may have, the most first; `width`: lanes of a register.

    With 16 lanes there are 32 registers, with 8 there are 16: two are for the panel, and one for
    the number of a row. Each height is code of its own, that takes its time to compile.
    """
    return (14, 7, 3) if width == 16 else (6, 3)


def run_length(kernel: Kernel, inner: Value) -> Value:
    """How many of `inner` numbers are a run."""
    is_long = kernel.let("i1", f"icmp sgt {inner}, {_FEW}")
    return kernel.chosen(is_long, kernel.constant(_RUN), kernel.constant(_RUN_OF_FEW))


Rows = list[Value]
Tile = list[tuple[Value, ...]]


def tile(
    kernel: Kernel,
    rows: Sequence[Value],
    panel: Value,
    inner: Value,
    run_length: Value,
    each_run: Callable[[Value], None] | None = None,
) -> Tile:
    """Pointers to rows of `inner` numbers, and a panel `(inner, 2 registers)` -> the sums.

    For each row, the lanes of its columns. `each_run` is done with the number of every run.
    """
    columns = PANEL_REGISTERS * kernel.width

    def one(k: Value, sums: list[Value]) -> list[Value]:
        here = kernel.at(panel, k * columns)
        of_panel = [kernel.load(kernel.at(here, r * kernel.width)) for r in range(PANEL_REGISTERS)]
        for register in range(PANEL_REGISTERS):
            kernel.prefetch(kernel.at(here, _AHEAD + register * kernel.width))
        added = []
        for index, row in enumerate(rows):
            number = kernel.load_one(kernel.at(row, k))
            for register, of_columns in enumerate(of_panel):
                before = sums[index * PANEL_REGISTERS + register]
                added.append(kernel.fused(number, of_columns, before))
        return added

    def run(start: Value, totals: list[Value]) -> list[Value]:
        if each_run is not None:
            each_run(start // run_length)
        stop = kernel.least(start + run_length, inner)
        sums = kernel.loop(start, stop, one, nothing)
        return [total + added for total, added in zip(totals, sums, strict=True)]

    nothing = [kernel.zeros()] * (len(rows) * PANEL_REGISTERS)
    if run_length is inner:
        totals = kernel.loop(0, inner, one, nothing)
    else:
        totals = kernel.loop(0, inner, run, nothing, step=run_length)
    return [
        tuple(totals[start : start + PANEL_REGISTERS])
        for start in range(0, len(totals), PANEL_REGISTERS)
    ]


def for_tiles(
    kernel: Kernel,
    start: Value | int,
    stop: Value,
    heights: Sequence[int],
    body: Callable[[Rows], None],
) -> None:
    """`body` with the numbers of the rows of a tile, until all from `start` to `stop` had theirs.

    High tiles first, as long as the next lower one does not hold the rest. Where the last tile is
    too high, the last row comes several times, which is all the same: it gets the same numbers
    each time.
    """
    first = start if isinstance(start, Value) else kernel.constant(start)
    last = stop - 1

    def tiles(height: int, first: Value, stop: Value) -> None:
        def rows(row: Value, _: Rows) -> None:
            body([kernel.least(row + place, last) for place in range(height)])

        kernel.loop(first, stop, rows, step=height)

    for height, lower in pairwise([*heights, 0]):
        end = stop - lower
        kernel.when("slt", first, end, partial(tiles, height, first, end))
        left = kernel.most(end - first, 0)
        first = first + (left + (height - 1)) // height * height

"""The kernel of a product with weights: `activation(x @ w.T + bias + added)`.

Weights come as panels `(panels, in, columns)`, with zeros behind the last column. As many rows as
the second cache holds meet one panel after the other; meanwhile the next panel is fetched, and what
this tile will write to, a few lines at a time, for a core cannot wait for many at once. What
follows the sums is done before they leave the first cache.
"""

from __future__ import annotations

from .assembly import Kernel, Value
from .lane_math import ACTIVATIONS
from .products import PANEL_REGISTERS, for_tiles, run_length, tile, tile_heights

__all__ = ["linear_kernel"]

_ARGUMENTS = (
    ("x", "ptr"),  # (rows, inner)
    ("x_step", "i64"),  # floats from one row to the next
    ("panels", "ptr"),
    ("bias", "ptr"),  # (panels * columns,)
    ("added", "ptr"),  # (rows, out), or one row of zeros with a step of 0
    ("added_step", "i64"),
    ("y", "ptr"),  # (rows, out)
    ("y_step", "i64"),
    ("rows", "i64"),
    ("inner", "i64"),
    ("out", "i64"),
)


# Of the rows that meet a panel before the next one comes: they stay in the second cache, of which
# they leave as much to what is written.
_NUMBERS_AT_A_TIME = 1 << 18
_ROWS_STEP = 168  # whole tiles of any height
_LINE = 16  # floats that come from memory together
# With fewer tiles a panel is over before the next one could come, and that may be another core's.
_FEW_TILES = 4


def linear_kernel(width: int, activation: str | None) -> Kernel:
    """A unit is a panel. `activation`: a name of `lane_math.ACTIVATIONS`."""
    kernel = Kernel(f"linear_{activation or 'alone'}", width, _ARGUMENTS)
    columns = PANEL_REGISTERS * width
    heights = tile_heights(width)
    inner = kernel["inner"]
    run = run_length(kernel, inner)
    runs = (inner + run - 1) // run
    lines_of_run = run * columns // _LINE
    rows_a_run = (runs + (heights[0] - 1)) // runs  # whose lines are fetched
    steps = kernel.most(kernel.constant(_NUMBERS_AT_A_TIME // _ROWS_STEP) // inner, 1)
    rows_at_a_time = steps * _ROWS_STEP

    def some_rows(first: Value, _: list[Value]) -> None:
        stop = kernel.least(first + rows_at_a_time, kernel["rows"])
        kernel.loop(kernel.start, kernel.stop, lambda number, _: panel(number, first, stop))

    def panel(number: Value, first_row: Value, stop_row: Value) -> None:
        weights = kernel.at(kernel["panels"], number * columns * inner)
        first = number * columns
        places = [first + register * width for register in range(PANEL_REGISTERS)]
        inside = [
            kernel.compared("slt", kernel.lane_numbers(place), kernel["out"]) for place in places
        ]
        bias = [kernel.load(kernel.at(kernel["bias"], place)) for place in places]
        following = kernel.at(weights, inner * columns)
        # each run of each tile fetches so many lines of the next panel
        tiles = (stop_row - first_row + (heights[0] - 1)) // heights[0]
        lines = (tiles + lines_of_run - 1) // tiles

        def rows(numbers: list[Value]) -> None:
            first_run = (numbers[0] - first_row) // heights[0] * runs

            def fetch(number: Value) -> None:
                start = (first_run + number) * lines
                kernel.loop(start, start + lines, fetch_one)

            def each_run(number: Value) -> None:
                kernel.when("sgt", tiles, kernel.constant(_FEW_TILES), lambda: fetch(number))
                start = numbers[0] + number * rows_a_run
                kernel.loop(start, start + rows_a_run, fetch_row)

            starts = [kernel.at(kernel["x"], row * kernel["x_step"]) for row in numbers]
            sums = tile(kernel, starts, weights, inner, run, each_run)
            for row, lanes in zip(numbers, sums, strict=True):
                added = kernel.at(kernel["added"], row * kernel["added_step"])
                y = kernel.at(kernel["y"], row * kernel["y_step"])
                for place, mask, shift, value in zip(places, inside, bias, lanes, strict=True):
                    result = value + shift + kernel.load(kernel.at(added, place), mask)
                    kernel.store(result, kernel.at(y, place), mask)
            if activation is not None:
                last = numbers[-1]
                kernel.loop(numbers[0], last + 1, lambda row, _: activate(row, last), step=2)

        def fetch_one(line: Value, _: list[Value]) -> None:
            kernel.prefetch(kernel.at(following, line * _LINE), nearest=False)

        def fetch_row(row: Value, _: list[Value]) -> None:
            y = kernel.at(kernel["y"], row * kernel["y_step"])
            for place in places:
                kernel.prefetch(kernel.at(y, place), to_write=True)

        def activate(row: Value, last: Value) -> None:
            # from the nearest cache: in the registers of the sums it would be ten times the code.
            # This row and the next one, to keep the units busy; of the last, twice the same
            both = [row, kernel.least(row + 1, last)]
            ys = [kernel.at(kernel["y"], number * kernel["y_step"]) for number in both]
            here = [
                (kernel.at(y, place), mask)
                for y in ys
                for place, mask in zip(places, inside, strict=True)
            ]
            lanes = [kernel.load(pointer, mask) for pointer, mask in here]
            for value, (pointer, mask) in zip(lanes, here, strict=True):
                result = ACTIVATIONS[str(activation)](kernel, value)
                kernel.store(result, pointer, mask)

        for_tiles(kernel, first_row, stop_row, heights, rows)

    kernel.loop(0, kernel["rows"], some_rows, step=rows_at_a_time)
    return kernel

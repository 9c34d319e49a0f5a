"""The kernel of a product with weights: `activation(x @ w.T + bias + added)`.

Weights come as panels `(panels, in, columns)`, with zeros behind the last column. Some rows at a
time meet all panels, so that what they give stays in the second cache; what follows the sums is
done before they leave the first.
"""

from __future__ import annotations

from .assembly import Kernel, Value
from .lane_math import ACTIVATIONS
from .products import PANEL_REGISTERS, for_tiles, tile, tile_heights

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


_ROWS_AT_A_TIME = 168  # whole tiles of any height


def linear_kernel(width: int, activation: str | None) -> Kernel:
    """A unit is a panel. `activation`: a name of `lane_math.ACTIVATIONS`."""
    kernel = Kernel(f"linear_{activation or 'alone'}", width, _ARGUMENTS)
    columns = PANEL_REGISTERS * width

    heights = tile_heights(width)

    def some_rows(first: Value, _: list[Value]) -> None:
        stop = kernel.least(first + _ROWS_AT_A_TIME, kernel["rows"])
        kernel.loop(kernel.start, kernel.stop, lambda number, _: panel(number, first, stop))

    def panel(number: Value, first_row: Value, stop_row: Value) -> None:
        weights = kernel.at(kernel["panels"], number * columns * kernel["inner"])
        first = number * columns
        places = [first + register * width for register in range(PANEL_REGISTERS)]
        inside = [
            kernel.compared("slt", kernel.lane_numbers(place), kernel["out"]) for place in places
        ]
        bias = [kernel.load(kernel.at(kernel["bias"], place)) for place in places]

        def rows(numbers: list[Value]) -> None:
            starts = [kernel.at(kernel["x"], row * kernel["x_step"]) for row in numbers]
            sums = tile(kernel, starts, weights, kernel["inner"])
            for row, lanes in zip(numbers, sums, strict=True):
                added = kernel.at(kernel["added"], row * kernel["added_step"])
                y = kernel.at(kernel["y"], row * kernel["y_step"])
                for place, mask, shift, value in zip(places, inside, bias, lanes, strict=True):
                    result = value + shift + kernel.load(kernel.at(added, place), mask)
                    kernel.store(result, kernel.at(y, place), mask)
            if activation is not None:
                kernel.loop(numbers[0], numbers[-1] + 1, activate)

        def activate(row: Value, _: list[Value]) -> None:
            # from the nearest cache: in the registers of the sums it would be ten times the code
            y = kernel.at(kernel["y"], row * kernel["y_step"])
            for place, mask in zip(places, inside, strict=True):
                here = kernel.at(y, place)
                result = ACTIVATIONS[str(activation)](kernel, kernel.load(here, mask))
                kernel.store(result, here, mask)

        for_tiles(kernel, first_row, stop_row, heights, rows)

    kernel.loop(0, kernel["rows"], some_rows, step=_ROWS_AT_A_TIME)
    return kernel

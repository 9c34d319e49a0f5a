"""The kernel of `rotate`: heads turned in place, each number with its partner half a head away."""

from __future__ import annotations

from .assembly import Kernel, Value

__all__ = ["rotary_kernel"]

_ARGUMENTS = (
    ("x", "ptr"),  # (tokens, heads, 2 half)
    ("x_step", "i64"),  # floats from one token to the next; heads lie side by side
    ("cos", "ptr"),  # (tokens, 2 half), without gaps
    ("sin", "ptr"),  # the same; its first half is minus the sines
    ("scale", "ptr"),  # one float
    ("heads", "i64"),
    ("half", "i64"),
)


def rotary_kernel(width: int) -> Kernel:
    """`x * cos + partner * sin`, times `scale`; a unit is a token."""
    kernel = Kernel("rotate", width, _ARGUMENTS)
    half = kernel["half"]
    scale = kernel.load_one(kernel["scale"])

    def token(number: Value, _: list[Value]) -> None:
        cos, sin = (kernel.at(kernel[name], number * half * 2) for name in ("cos", "sin"))
        of_token = kernel.at(kernel["x"], number * kernel["x_step"])

        def head(index: Value, _: list[Value]) -> None:
            first = kernel.at(of_token, index * half * 2)
            second = kernel.at(first, half)

            def lanes(place: Value, _: list[Value]) -> None:
                mask = kernel.compared("slt", kernel.lane_numbers(place), half)
                pair = [kernel.load(kernel.at(start, place), mask) for start in (first, second)]
                for which, start in enumerate((first, second)):
                    angle = place + half if which else place
                    cosine = kernel.load(kernel.at(cos, angle), mask)
                    sine = kernel.load(kernel.at(sin, angle), mask)
                    turned = kernel.fused(pair[which], cosine, pair[1 - which] * sine)
                    kernel.store(turned * scale, kernel.at(start, place), mask)

            kernel.loop(0, half, lanes, step=width)

        kernel.loop(0, kernel["heads"], head)

    kernel.loop(kernel.start, kernel.stop, token)
    return kernel

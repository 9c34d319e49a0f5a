"""The kernel of `attention`: queries, keys, values of packed texts -> what each token takes.

For each text and head, keys and values are laid out as panels. Then a few queries at a time: their
scores with all keys that one of them sees, the softmax of these, and the sums of values. Scores
stay in the nearest cache, and memory grows with the length of a text, not with its square.
"""

from __future__ import annotations

from collections.abc import Callable

from .assembly import Kernel, Value
from .lane_math import exponential
from .products import PANEL_REGISTERS, for_tiles, run_length, tile

__all__ = ["attention_kernel", "scratch_floats"]

_ARGUMENTS = (
    ("queries", "ptr"),  # (T, heads, head_size)
    ("query_step", "i64"),  # floats from one token to the next; heads lie side by side
    ("keys", "ptr"),  # (T, key_heads, head_size)
    ("key_step", "i64"),
    ("values", "ptr"),  # (T, key_heads, head_size)
    ("value_step", "i64"),
    ("bias", "ptr"),  # (heads, length, length), if it is biased
    ("bias_head_step", "i64"),
    ("bias_query_step", "i64"),
    ("out", "ptr"),  # (T, heads, head_size)
    ("out_step", "i64"),
    ("cu_seqlens", "ptr"),  # i64 (texts + 1,)
    ("texts", "i64"),
    ("heads_per_key", "i64"),
    ("head_size", "i64"),
    ("left", "i64"),  # how many tokens a token sees before itself
    ("right", "i64"),  # and after itself
    ("scratch", "ptr"),  # room for each head
    ("scratch_step", "i64"),
)


def _heights(width: int) -> tuple[int, ...]:
    return (14, 4) if width == 16 else (6, 2)


def scratch_floats(width: int, length: int, head_size: int) -> int:
    """How many floats the kernel wants for texts of up to `length` tokens."""
    columns, height = PANEL_REGISTERS * width, _heights(width)[0]
    keys = -(-length // columns) * columns
    sizes = -(-head_size // columns) * columns
    return keys * (sizes + sizes + height) + height * width


def attention_kernel(width: int, *, biased: bool) -> Kernel:
    """A unit is a head, of all texts. `biased`: something is added to the scores.

    Scores are as queries and keys give them: the caller has scaled one of the two.
    """
    kernel = Kernel("attention_biased" if biased else "attention", width, _ARGUMENTS)

    def text(number: Value, _: list[Value]) -> None:
        boundary = kernel.let("ptr", f"getelementptr i64, {kernel['cu_seqlens']}, {number}")
        after = kernel.let("ptr", f"getelementptr i64, {boundary}, i64 1")
        start, stop = (kernel.let("i64", f"load i64, {place}") for place in (boundary, after))
        one_text = _Text(kernel, start, stop - start, biased=biased)
        kernel.loop(kernel.start, kernel.stop, one_text.head)

    kernel.loop(0, kernel["texts"], text)
    return kernel


class _Text:
    """Writes the attention of one text, of `length` tokens from row `start` on."""

    def __init__(self, kernel: Kernel, start: Value, length: Value, *, biased: bool) -> None:
        self.kernel = kernel
        self.biased = biased
        self.start = start
        self.length = length
        self.columns = PANEL_REGISTERS * kernel.width
        self.head_size = kernel["head_size"]
        self.size_panels = (self.head_size + (self.columns - 1)) // self.columns
        self.all_keys = (length + (self.columns - 1)) // self.columns * self.columns
        # where things lie in the scratch memory
        room = kernel.start * kernel["scratch_step"]
        whole_size = self.size_panels * self.columns
        self.key_panels = kernel.at(kernel["scratch"], room)  # (panels, whole_size, columns)
        self.key_panel_step = whole_size * self.columns
        self.value_panels = kernel.at(self.key_panels, self.all_keys * whole_size)
        self.scores = kernel.at(
            self.value_panels, self.all_keys * whole_size
        )  # (rows of a tile, all_keys)
        self.shares = kernel.at(self.scores, self.all_keys * _heights(kernel.width)[0])

    def row(self, argument: str, token: Value, step: str) -> Value:
        """Where a token of this text has its numbers."""
        return self.kernel.at(self.kernel[argument], (self.start + token) * self.kernel[step])

    def head(self, number: Value, _: list[Value]) -> None:
        kernel = self.kernel
        of_keys = number // kernel["heads_per_key"] * self.head_size
        self.lay_out_keys(of_keys)
        self.lay_out_values(of_keys)
        of_queries = number * self.head_size
        bias = kernel.at(kernel["bias"], number * kernel["bias_head_step"])
        for_tiles(
            kernel, 0, self.length, _heights(kernel.width),
            lambda tokens: self.queries(tokens, of_queries, bias),
        )  # fmt: skip

    def lay_out_keys(self, of_head: Value) -> None:
        """Turned around, so that a panel has keys side by side; behind the last key, that again."""
        kernel, columns, width = self.kernel, self.columns, self.kernel.width

        def some_keys(first: Value, _: list[Value]) -> None:
            keys = [kernel.least(first + place, self.length - 1) for place in range(width)]
            sources = [kernel.at(self.row("keys", key, "key_step"), of_head) for key in keys]
            panel = first // columns
            of_panel = kernel.at(self.key_panels, panel * self.key_panel_step)
            target = kernel.at(of_panel, first - panel * columns)

            def numbers(number: Value, _: list[Value]) -> None:
                inside = kernel.compared("slt", kernel.lane_numbers(number), self.head_size)
                rows = [kernel.load(kernel.at(source, number), inside) for source in sources]
                for place, of_keys in enumerate(kernel.turned(rows)):
                    kernel.store(of_keys, kernel.at(target, (number + place) * columns))

            kernel.loop(0, self.head_size, numbers, step=width)

        kernel.loop(0, self.all_keys, some_keys, step=width)

    def lay_out_values(self, of_head: Value) -> None:
        """As they are, but close together; 0 behind the last number of a head."""
        kernel, width = self.kernel, self.kernel.width

        def panel(number: Value, _: list[Value]) -> None:
            target = kernel.at(self.value_panels, number * self.columns * self.all_keys)

            def key(token: Value, _: list[Value]) -> None:
                source = kernel.at(self.row("values", token, "value_step"), of_head)
                for register, (place, mask) in enumerate(self.of_panel(number)):
                    lanes = kernel.load(kernel.at(source, place), mask)
                    kernel.store(lanes, kernel.at(target, token * self.columns + register * width))

            kernel.loop(0, self.length, key)

        kernel.loop(0, self.size_panels, panel)

    def of_panel(self, number: Value) -> list[tuple[Value, Value]]:
        """For each register of a panel, its first column, and which of its lanes are in a head."""
        kernel = self.kernel
        places = [
            number * self.columns + register * kernel.width for register in range(PANEL_REGISTERS)
        ]
        return [
            (place, kernel.compared("slt", kernel.lane_numbers(place), self.head_size))
            for place in places
        ]

    def queries(self, tokens: list[Value], of_head: Value, bias: Value) -> None:
        """From scores to sums of values, for the tokens of a tile."""
        kernel, columns = self.kernel, self.columns
        # the keys that at least one of these queries sees, in whole panels
        first_panel = kernel.most(tokens[0] - kernel["left"], 0) // columns
        stop_key = kernel.least(tokens[-1] + kernel["right"] + 1, self.length)
        stop_panel = (stop_key + (columns - 1)) // columns
        first_key = first_panel * columns
        stop_lane = (stop_key + (kernel.width - 1)) // kernel.width * kernel.width
        # a token that comes twice has one row
        places = [token - tokens[0] for token in tokens]
        rows = [kernel.at(self.scores, self.all_keys * place) for place in places]
        starts = [kernel.at(self.row("queries", token, "query_step"), of_head) for token in tokens]

        def scores(number: Value, _: list[Value]) -> None:
            keys = kernel.at(self.key_panels, number * self.key_panel_step)
            products = tile(kernel, starts, keys, self.head_size, self.head_size)
            for row, sums in zip(rows, products, strict=True):
                for register, lanes in enumerate(sums):
                    place = number * columns + register * kernel.width
                    kernel.store(lanes, kernel.at(row, place))

        kernel.loop(first_panel, stop_panel, scores)

        def softmax(token: Value, _: list[Value]) -> None:
            place = token - tokens[0]
            row = kernel.at(self.scores, self.all_keys * place)
            of_query = kernel.at(bias, token * kernel["bias_query_step"])
            share = self.softmax(row, token, of_query, first_key, stop_lane)
            kernel.store(share, kernel.at(self.shares, place * kernel.width))

        kernel.loop(tokens[0], tokens[-1] + 1, softmax)

        def context(number: Value, _: list[Value]) -> None:
            panel = number * columns * self.all_keys
            values = kernel.at(self.value_panels, panel + first_key * columns)
            weights = [kernel.at(row, first_key) for row in rows]
            seen = stop_key - first_key
            sums = tile(kernel, weights, values, seen, run_length(kernel, seen))
            inside = self.of_panel(number)
            for token, place, of_token in zip(tokens, places, sums, strict=True):
                share = kernel.load(kernel.at(self.shares, place * kernel.width))
                target = kernel.at(self.row("out", token, "out_step"), of_head)
                for lanes, (column, mask) in zip(of_token, inside, strict=True):
                    kernel.store(lanes * share, kernel.at(target, column), mask)

        kernel.loop(0, self.size_panels, context)

    def softmax(self, row: Value, token: Value, bias: Value, first: Value, stop: Value) -> Value:
        """Scores of one query -> their exponentials, in place; -> 1 / their sum, in every lane."""
        kernel, width = self.kernel, self.kernel.width
        least = kernel.most(token - kernel["left"], 0)
        most = kernel.least(token + kernel["right"], self.length - 1)
        # between these, all lanes of a register are seen
        whole = kernel.least((least + (width - 1)) // width * width, stop)
        stop_whole = kernel.most((most + 1) // width * width, whole)
        minus_infinity = kernel.constant(float("-inf"), kernel.lanes)

        def seen(place: Value) -> Value:
            keys = kernel.lane_numbers(place)
            after = kernel.compared("sge", keys, least)
            before = kernel.compared("sle", keys, most)
            return kernel.let(kernel.mask, f"and {after}, {before.name}")

        def over_all(some: Callable[[Value, Value, Value | None], Value], start: Value) -> Value:
            """What `some` makes of one register after the other, and of what it made before."""

            def masked(place: Value, made: list[Value]) -> list[Value]:
                return [some(place, made[0], seen(place))]

            def plain(place: Value, made: list[Value]) -> list[Value]:
                return [some(place, made[0], None)]

            made = kernel.loop(first, whole, masked, [start], step=width, if_any=True)
            made = kernel.loop(whole, stop_whole, plain, made, step=width, if_any=True)
            return kernel.loop(stop_whole, stop, masked, made, step=width, if_any=True)[0]

        def largest(place: Value, found: Value, mask: Value | None) -> Value:
            lanes = kernel.load(kernel.at(row, place))
            if self.biased:
                lanes = lanes + kernel.load(kernel.at(bias, place), mask)
                kernel.store(lanes, kernel.at(row, place))
            if mask is not None:
                lanes = kernel.chosen(mask, lanes, minus_infinity)
            return kernel.most(found, lanes)

        top = kernel.largest_of(over_all(largest, minus_infinity))

        def raised(place: Value, total: Value, mask: Value | None) -> Value:
            lanes = exponential(kernel, kernel.load(kernel.at(row, place)) - top)
            if mask is not None:
                lanes = kernel.chosen(mask, lanes, kernel.zeros())
            kernel.store(lanes, kernel.at(row, place))
            return total + lanes

        total = kernel.in_all_lanes(kernel.sum_of(over_all(raised, kernel.zeros())))
        return kernel.constant(1.0, kernel.lanes) / total

"""Numbers of all rounds -> what they mean: rates, shares of the machine's peak, ratios, a table."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

__all__ = [
    "Numbers",
    "Point",
    "feed_forward_shape",
    "gflop_per_s",
    "markdown",
    "model_flops",
    "nearest_rank",
    "table",
]

# measure -> engine -> one value per round, in seconds or bytes: less is better
Numbers = dict[str, dict[str, list[float]]]
Show = Callable[[float, str], str]  # a median and its engine -> a cell


class Point(NamedTuple):
    """Of a curve: what it costs where what grows is at `step`."""

    step: int
    tokens_per_s: float
    megabytes: float  # above the loaded model
    most_megabytes: float


def _config(model: str) -> dict[str, Any]:
    return dict(json.loads((Path(model) / "config.json").read_text(encoding="utf-8")))


def feed_forward_shape(model: str, rows: int = 2048) -> tuple[int, int, int]:
    """`rows`, `D` and `F`: the model's largest product, `(rows, D) @ (D, F)`."""
    config = _config(model)
    return rows, config["hidden_size"], config["intermediate_size"]


def gflop_per_s(seconds: dict[str, list[float]], shape: tuple[int, int, int]) -> list[int]:
    """Each round's speed of the product, by whichever library was faster."""
    return [
        round(2e-9 * math.prod(shape) / min(tries)) for tries in zip(*seconds.values(), strict=True)
    ]


def model_flops(model: str, lengths: list[int]) -> float:
    """Multiplications and additions in the matrix products, for texts of these lengths.

    Only what the vectors need: no padding, and of a causal model no score of a later token.
    """
    config = _config(model)
    decoder = config["model_type"] == "qwen3"
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    heads = config["num_attention_heads"]
    head_size = config.get("head_dim", hidden // heads)
    width, key_width = heads * head_size, config.get("num_key_value_heads", heads) * head_size
    feed_forward = 3 if decoder else 2  # with a gate or without
    weights = hidden * (2 * width + 2 * key_width + feed_forward * inner)
    pairs = sum(length * (length + 1) / 2 if decoder else length**2 for length in lengths)
    return float(config["num_hidden_layers"] * (2 * weights * sum(lengths) + 4 * width * pairs))


def nearest_rank(values: list[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed.

    >>> nearest_rank([float(value) for value in range(1, 201)], 0.99)
    198.0
    """
    return sorted(values)[math.ceil(share * len(values)) - 1]


_OWN = ("Lattice", "Lattice, the encoder alone")


def table(
    numbers: Numbers,
    *,
    title: str,
    texts: int,
    tokens: int,
    flops: float,
    peak_gflop_per_s: float,
    weights_bytes: int,
) -> str:
    """Medians, and the median of each round's ratio, as a Markdown table.

    `texts`, `tokens`, `flops`: of the corpus.
    """

    def median(measure: str, engine: str) -> float:
        return statistics.median(numbers[measure][engine])

    def corpus(seconds: float, _: str) -> str:
        share = flops / seconds / peak_gflop_per_s / 1e9
        return f"{tokens / seconds:,.0f} tokens/s ({share:.0%} of peak)"

    def query(seconds: float, engine: str) -> str:
        return f"{seconds * 1e3:.2f} ms (p99 {median('query p99', engine) * 1e3:.2f})"

    def memory(size: float, _: str) -> str:
        return f"{size / 1e6:,.0f} MB ({size / weights_bytes:.2f} of the weights)"

    def busy(threads: int) -> Show:
        def show(seconds: float, engine: str) -> str:
            rate = tokens / seconds
            cores = [
                median(f"{what}, CPU of threads={threads}", engine)
                / median(f"{what}, threads={threads}", engine)
                for what in ("corpus", "query")
            ]
            return f"{rate:,.0f} tokens/s, {cores[0]:.2f} cores busy (query: {cores[1]:.2f})"

        return show

    rows: list[tuple[str, str, Show]] = [
        (f"{texts} texts", "corpus", corpus),
        ("one short query", "query", query),
        ("start to first vector", "start", lambda seconds, _: f"{seconds:.2f} s"),
        ("import", "import", lambda seconds, _: f"{seconds * 1e3:.0f} ms"),
        ("memory after loading", "loaded", memory),
        ("peak memory", "peak", memory),
        ("each process more", "private", memory),
        ("threads=1", "corpus, threads=1", busy(1)),
        ("threads=2", "corpus, threads=2", busy(2)),
    ]
    lines: list[tuple[str, ...]] = [(title, "engine", "median", "Lattice is")]
    for row, measure, show in rows:
        for engine, values in numbers.get(measure, {}).items():
            own = numbers[measure]["Lattice"]
            ratios = [peer / ours for peer, ours in zip(values, own, strict=True)]
            ratio = "" if engine in _OWN else f"{statistics.median(ratios):.2f}×"
            lines.append((row, engine, show(statistics.median(values), engine), ratio))
            row = ""
    return markdown(lines)


def markdown(rows: list[tuple[str, ...]]) -> str:
    """A table with a head; all but the first two columns are numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = 2

    def line(cells: tuple[str, ...]) -> str:
        padded = (
            f"{cell:<{width}}" if place < left else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = (
        "-" * (width + 2) if place < left else "-" * (width + 1) + ":"
        for place, width in enumerate(widths)
    )
    return "\n".join([line(rows[0]), f"|{'|'.join(rule)}|", *map(line, rows[1:])])

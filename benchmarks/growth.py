"""How the cost of embedding grows with the length of the texts, and with their number.

    python benchmarks/growth.py [--kernels numpy] [--rounds 3] [--write FOLDER]

Token ids go straight to `SentenceEncoder`, which decides alone how a batch is cut. Measured: tokens
per second, the median of the rounds, and how far the memory of the process rises above that of the
loaded model; the run fails where that is more than docs/speed.md promises. Every point is a process
of its own, since memory that was once taken is kept. Linux only. With `--write`, FOLDER gets
growth.svg and growth.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from machine import OtherLoad, cores, environment, prepare
from processes import Worker, memory_of
from report import Point, markdown

if TYPE_CHECKING:
    from lattice_models.sentence_encoder import KernelChoice

LENGTHS = (8, 32, 128, 512, 2048, 8192)
BATCHES = (1, 4, 16, 64, 256, 1024, 4096)
_TOKENS = 8192  # of the batches of each length
_LENGTH = 32  # of the texts of each batch
_MINILM = "all-MiniLM-L6-v2"
_PACKAGES = {
    "lattice-models": "lattice_models",
    "llvmlite": "llvmlite",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "threadpoolctl": "threadpoolctl",
}


def most_bytes(texts: int, tokens: int, hidden_size: int) -> int:
    """What docs/speed.md promises: by how much the memory may rise, for texts of equal length."""
    chunk = min(texts * tokens, max(1024, tokens))
    chunks_at_once = min(cores(), -(-texts * tokens // chunk))
    states = chunks_at_once * chunk * 16 * hidden_size * 4
    return states + texts * hidden_size * 4 + texts * tokens * 24 + 8_000_000


class Encoding:
    """An encoder in a worker's process."""

    def __init__(self, directory: str, kernels: KernelChoice) -> None:
        from lattice_models import SentenceEncoder

        self._encoder = SentenceEncoder.from_pretrained(directory, kernels=kernels)

    def libraries(self) -> list[dict[str, object]]:
        from threadpoolctl import threadpool_info

        return [dict(library) for library in threadpool_info()]

    def measure(self, texts: int, tokens: int, rounds: int) -> tuple[float, int, int]:
        """Tokens per second, by how many bytes the memory rose, and how many it may have been."""
        import numpy as np

        # Few rows of the vocabulary, all seen here: what is read of the weights is in memory now,
        # laid out for compiled kernels if there are any, and as little else as can be.
        vocabulary = 16
        self._encoder.encode(np.arange(vocabulary), [0, vocabulary])
        ids = np.random.default_rng(0).integers(0, vocabulary, texts * tokens)
        cu_seqlens = np.arange(0, len(ids) + 1, tokens)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak
        before, seconds = memory_of("self"), []
        for _ in range(rounds):
            start = time.perf_counter()
            self._encoder.encode(ids, cu_seqlens)
            seconds.append(time.perf_counter() - start)
        after = memory_of("self")
        assert before
        assert after
        rate = len(ids) / statistics.median(seconds)
        most = most_bytes(texts, tokens, self._encoder.dimensions)
        return rate, after.peak - before.resident, most


def curve(
    directory: Path, kernels: KernelChoice, shapes: dict[int, tuple[int, int]], rounds: int
) -> list[Point]:
    """`shapes`: where on the curve -> texts, and tokens of each."""
    points = []
    for step, (texts, tokens) in shapes.items():
        worker = Worker(Encoding, str(directory), kernels)
        rate, size, most = worker("measure", texts, tokens, rounds)
        worker.close()
        points.append(Point(step, rate, size / 1e6, most / 1e6))
        print(f"{directory.name}, {texts} texts of {tokens} tokens: {points[-1]}", file=sys.stderr)
    return points


def models(fixtures: Path, temporary: Path) -> dict[str, tuple[Path, int]]:
    """Title -> its directory, and the longest text that it takes."""
    from random_checkpoints import write_modernbert, write_qwen3

    modernbert, qwen3 = temporary / "modernbert", temporary / "qwen3"
    write_modernbert(modernbert, layers=3)
    write_qwen3(qwen3, layers=2)
    return {
        _MINILM: (fixtures / "all-minilm-l6-v2", 512),
        "ModernBERT-base, 3 of 22 layers": (modernbert, 8192),
        "Qwen3-0.6B, 2 of 28 layers": (qwen3, 8192),
    }


def table(head: str, curves: dict[str, list[Point]]) -> str:
    steps = [point.step for point in max(curves.values(), key=len)]
    rows: list[tuple[str, ...]] = [(head, "", *(f"{step:,}" for step in steps))]
    for title, points in curves.items():
        rates = [f"{point.tokens_per_s:,.0f}" for point in points]
        sizes = [f"{point.megabytes:,.0f}" for point in points]
        bounds = [f"{point.most_megabytes:,.0f}" for point in points]
        missing = [""] * (len(steps) - len(points))
        rows += [
            (title, "tokens/s", *rates, *missing),
            ("", "MB", *sizes, *missing),
            ("", "MB at most", *bounds, *missing),
        ]
    return markdown(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fixtures", type=Path, default=Path("fixtures"))
    parser.add_argument("--kernels", choices=("compiled", "numpy"), default="compiled")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, help="the folder for the picture and the tables")
    options = parser.parse_args()
    prepare(_PACKAGES)
    if memory_of("self") is None:
        raise SystemExit("This system does not tell the memory of a process; Linux does.")
    other_load = OtherLoad()
    with tempfile.TemporaryDirectory() as folder:
        directories = models(options.fixtures, Path(folder))
        by_length = {}
        for title, (directory, limit) in directories.items():
            shapes = {n: (_TOKENS // n, n) for n in LENGTHS if n <= limit}
            by_length[title] = curve(directory, options.kernels, shapes, options.rounds)
        directory, _ = directories[_MINILM]
        shapes = {n: (n, _LENGTH) for n in BATCHES}
        by_batch = {_MINILM: curve(directory, options.kernels, shapes, options.rounds)}
        worker = Worker(Encoding, str(directory), options.kernels)
        facts = environment(worker("libraries"), _PACKAGES)
        worker.close()
    command = f"`python {' '.join(sys.argv)}`"
    facts = {"command": command, "kernels": options.kernels, **facts, **other_load.facts()}
    columns = {
        f"tokens of a text ({_TOKENS:,} in all)": by_length,
        f"texts of {_LENGTH} tokens": by_batch,
    }
    tables = [f"{table(head, curves)}\n" for head, curves in columns.items()]
    document = "\n".join([*tables, *(f"- {name}: {fact}" for name, fact in facts.items())])
    print(document)
    if options.write:
        from growth_plot import plot

        options.write.mkdir(exist_ok=True)
        plot(columns, options.write / "growth.svg")
        (options.write / "growth.md").write_text(document + "\n", encoding="utf-8")
    points = [point for by in columns.values() for curve in by.values() for point in curve]
    if any(point.megabytes > point.most_megabytes for point in points):
        raise SystemExit("more memory than docs/speed.md promises")


if __name__ == "__main__":
    main()

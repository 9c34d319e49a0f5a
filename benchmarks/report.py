"""What a run needs and depends on, and what its seconds mean.

Packages, cores and environment before; rates, shares of the machine's peak and ratios after.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import statistics
import sys
from pathlib import Path
from typing import Any

__all__ = [
    "Seconds",
    "busy_s",
    "environment",
    "feed_forward_shape",
    "gflop_per_s",
    "load_average",
    "model_flops",
    "prepare",
    "table",
]

Seconds = dict[str, dict[str, list[float]]]  # measure -> engine -> one value per round

# package on the index -> module
_NEEDED = {
    "lattice-embed": "lattice_embed",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "sentence-transformers": "sentence_transformers",
    "threadpoolctl": "threadpoolctl",
    "tokenizers": "tokenizers",
    "torch": "torch",
}
_ALSO_NAMED = ("lattice-models", "lattice-tokenize", "numpy", "transformers")
_CORES = 2

# A kernel or a number of threads chosen by hand; a benchmark wants what users get.
_UNSET = (
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TOKENIZERS_PARALLELISM"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
)


def prepare() -> None:
    """Stop if a peer is missing; give this process and its children the cores to be used."""
    missing = [name for name, module in _NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"Missing: {', '.join(missing)}", file=sys.stderr)
        wanted = [name for name in missing if name != "lattice-embed"]
        if "lattice-embed" in missing:
            wanted += [f"-e packages/lattice-{part}" for part in ("tokenize", "models", "embed")]
        print(f"Install: python -m pip install {' '.join(wanted)}", file=sys.stderr)
        raise SystemExit(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    for name in _UNSET:
        if os.environ.pop(name, None) is not None:
            print(f"{name} was set, and is not for this run")
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load_average() -> list[float]:
    """Of 1, 5 and 15 minutes, this benchmark included; empty where the system has none."""
    return [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else []


def busy_s() -> float:
    """CPU seconds that all cores have spent on processes other than this one and its children.

    Children count once they have ended. Linux only; elsewhere 0.
    """
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    user, nice, system = map(int, fields[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def environment(libraries: list[dict[str, Any]], cores: int) -> dict[str, Any]:
    """What the numbers depend on; `libraries` as threadpoolctl names them."""
    blas = [
        f"{found['internal_api']} {found['version']} {found.get('architecture', '')}"
        f" {found['num_threads']} threads"
        for found in libraries
        if found["user_api"] == "blas"
    ]
    return {
        "processor": _processor(),
        "cores": cores,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {
            name: importlib.metadata.version(name) for name in sorted([*_NEEDED, *_ALSO_NAMED])
        },
        "numpy's BLAS": blas,
    }


def _config(model: str) -> dict[str, int]:
    text = (Path(model) / "config.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


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
    """Multiplications and additions in the matrix products, for texts of these lengths."""
    config = _config(model)
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    per_token = 2 * (4 * hidden * hidden + 2 * hidden * inner)
    attention = sum(4 * hidden * length * length for length in lengths)
    return float(config["num_hidden_layers"] * (per_token * sum(lengths) + attention))


def table(
    seconds: Seconds,
    *,
    texts: int,
    tokens: int,
    flops: float,
    peak_gflop_per_s: float,
    size_mb: float,
) -> str:
    """Medians, and the median of each round's ratio, as a Markdown table.

    `texts`, `tokens`, `flops`: of the corpus. `size_mb`: of what was tokenized.
    """
    p99 = {name: statistics.median(s) for name, s in seconds["query p99"].items()}

    def speed(seconds: float, _: str) -> str:
        return f"{tokens / seconds:,.0f} tokens/s ({flops / seconds / peak_gflop_per_s / 1e9:.0%})"

    groups = {
        f"{texts} texts": ("corpus", speed),
        "one short query": (
            "query",
            lambda s, name: f"{s * 1e3:.2f} ms (p99 {p99[name] * 1e3:.2f})",
        ),
        "start to first vector": ("start", lambda s, _: f"{s:.2f} s"),
        "tokenizing, first pass": ("new words", lambda s, _: f"{size_mb / s:.1f} MB/s"),
        "tokenizing, second pass": ("seen words", lambda s, _: f"{size_mb / s:.1f} MB/s"),
    }
    rows = [("2 cores, float32", "engine", "median (of peak)", "Lattice is")]
    for title, (measure_name, show) in groups.items():
        of_engine = seconds[measure_name]
        for name, values in of_engine.items():
            ratios = [peer / own for peer, own in zip(values, of_engine["Lattice"], strict=True)]
            ratio = "" if name == "Lattice" else f"{statistics.median(ratios):.2f}×"
            rows.append((title, name, show(statistics.median(values), name), ratio))
            title = ""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"| {a:{widths[0]}} | {b:{widths[1]}} | {c:>{widths[2]}} | {d:>{widths[3]}} |"
        for a, b, c, d in rows
    ]
    rule = [f"{'-' * width}--" for width in widths[:2]] + [
        f"{'-' * width}-:" for width in widths[2:]
    ]
    return "\n".join([lines[0], f"|{'|'.join(rule)}|", *lines[1:]])

"""Lattice, ONNX Runtime and sentence-transformers side by side: the same model, texts and cores.

    python benchmarks/embed.py [--model all-minilm-l6-v2] [--rounds 5] [--json FILE] [--write FILE]

Measured: a corpus of mixed lengths in tokens per second (real tokens, no padding); the latency of
one short query; process start to first vector; import; memory; and whether Lattice obeys
`threads=`. The ONNX graph is made in the run, from the same weights. Before anything is timed, ids
must be equal and vectors agree. docs/speed.md says how to read the table.

The machine's speed drifts, so the engines take turns (A B C A B C ...); what counts is the median,
and the median of each round's ratio. Every engine has a process of its own: no thread pool, BLAS
setting or memory of one is in another's way.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import peers
from machine import OtherLoad, cores, environment, prepare
from processes import Worker, fresh_process
from report import (
    Numbers,
    feed_forward_shape,
    gflop_per_s,
    model_flops,
    nearest_rank,
    table,
)
from subjects import QUERY, SUBJECTS, Subject

_TOLERANCE = 1e-5  # of vectors of length 1, computed in float32

# ONNX Runtime's and torch's idle threads spin for a while after a call, and would slow down
# whoever is next.
_PAUSE_S = 0.3

_START = (
    "import sys, peers; query, name, *files = sys.argv[1:]; "
    "peers.ENGINES[name](*files).embed([query], 1); print('done', flush=True)"
)
_IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
_EXPORT = """
import sys
from conformance.onnx_export import export_onnx
from sentence_transformers import SentenceTransformer
eager = {"attn_implementation": "eager"}
export_onnx(SentenceTransformer(sys.argv[1], device="cpu", model_kwargs=eager).eval(), sys.argv[2])
print("done")
"""


def check_agreement(engines: dict[str, Worker], subject: Subject) -> list[int]:
    """Stop unless all engines give the same ids and vectors; returns the length of each text."""
    texts = [*subject.corpus(), QUERY]
    batch_size = subject.batch_sizes[-1]
    ids = engines["Lattice"]("ids", texts)
    vectors = engines["Lattice"]("embed", texts, batch_size)
    for name, worker in list(engines.items())[1:]:
        differing = [i for i, row in enumerate(worker("ids", texts)) if row != ids[i]]
        if differing:
            raise SystemExit(f"{name}: other ids than Lattice for {texts[differing[0]]!r}")
        difference = float(abs(worker("embed", texts, batch_size) - vectors).max())
        if not difference < _TOLERANCE:  # also where it is NaN
            raise SystemExit(f"{name}: vectors differ from Lattice's by {difference}")
        print(f"Lattice and {name}: ids equal, vectors within {difference:.1e}", file=sys.stderr)
    return [len(row) for row in ids[:-1]]


def best_batch_sizes(engines: dict[str, Worker], subject: Subject) -> dict[str, int]:
    """For each peer the batch size that was fastest, in the better of two tries."""
    texts = subject.corpus()
    tried: dict[tuple[str, int], float] = {}
    names = [name for name in engines if "Lattice" not in name]  # it cuts its batches itself
    for _ in range(2):
        for name in names:
            for batch_size in subject.batch_sizes:
                time.sleep(_PAUSE_S)
                seconds = engines[name]("embed_s", texts, batch_size)
                tried[name, batch_size] = min(seconds, tried.get((name, batch_size), seconds))
    return {name: min((s, b) for (n, b), s in tried.items() if n == name)[1] for name in names}


def measure_memory(
    numbers: Numbers, files: tuple[str, str], texts: list[str], batch_sizes: dict[str, int]
) -> None:
    """Two processes of each engine, one after the other: what they share is of both."""
    for name, engine in peers.ENGINES.items():
        pair = [Worker(engine, *files) for _ in range(2)]
        for worker in pair:
            worker("ready")
        loaded = pair[0].memory()
        for worker in pair:
            worker("embed", texts, batch_sizes.get(name, 0))
        embedded = pair[0].memory()
        for worker in pair:
            worker.close()
        if loaded and embedded:
            numbers["loaded"][name].append(loaded.resident)
            numbers["peak"][name].append(embedded.peak)
            numbers["private"][name].append(embedded.private)


def measure_round(
    numbers: Numbers,
    engines: dict[str, Worker],
    files: tuple[str, str],
    subject: Subject,
    batch_sizes: dict[str, int],
) -> None:
    """Every measure of time once, the engines in turn."""
    texts = subject.corpus()
    for name in ("Lattice", "sentence-transformers"):
        time.sleep(_PAUSE_S)
        numbers["product"][name].append(engines[name]("matmul_s", *feed_forward_shape(files[0])))
    for name, worker in engines.items():
        time.sleep(_PAUSE_S)
        numbers["corpus"][name].append(worker("embed_s", texts, batch_sizes.get(name, 0)))
    for name, worker in engines.items():
        time.sleep(_PAUSE_S)
        calls = worker("latencies_s", QUERY, subject.calls)
        numbers["query"][name].append(statistics.median(calls))
        numbers["query p99"][name].append(nearest_rank(calls, 0.99))
    for name in engines:
        time.sleep(_PAUSE_S)
        numbers["start"][name].append(fresh_process(_START, QUERY, name, *files)[0])
    for name, modules in peers.IMPORTS.items():
        numbers["import"][name].append(float(fresh_process(_IMPORT.format(modules))[1]))
    for threads in (1, 2):
        for what, given, calls in (("corpus", texts, 1), ("query", [QUERY], subject.calls)):
            wall_s, cpu_s = engines["Lattice"]("wall_and_cpu_s", given, calls, threads)
            numbers[f"{what}, threads={threads}"]["Lattice"].append(wall_s)
            numbers[f"{what}, CPU of threads={threads}"]["Lattice"].append(cpu_s)


def main() -> None:
    parser = argparse.ArgumentParser(description="Lattice and its peers side by side.")
    parser.add_argument("--model", choices=list(SUBJECTS), default="all-minilm-l6-v2")
    parser.add_argument("--fixtures", type=Path, default=Path("fixtures"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every round's numbers to this file")
    parser.add_argument("--write", type=Path, help="also write the table to this Markdown file")
    options = parser.parse_args()
    prepare(peers.PACKAGES)
    subject = SUBJECTS[options.model]
    other_load = OtherLoad()
    numbers: Numbers = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as directory:
        model = subject.directory(options.model, options.fixtures, Path(directory))
        files = (str(model), str(Path(directory) / "model.onnx"))
        fresh_process(_EXPORT, *files)
        engines = {name: Worker(engine, *files) for name, engine in peers.ENGINES.items()}
        lengths = check_agreement(engines, subject)
        libraries = engines["Lattice"]("libraries")
        batch_sizes = best_batch_sizes(engines, subject)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            measure_round(numbers, engines, files, subject, batch_sizes)
        for worker in engines.values():
            worker.close()
        measure_memory(numbers, files, subject.corpus(), batch_sizes)
        shape = feed_forward_shape(str(model))
        flops = model_flops(str(model), lengths)
        weights_bytes = sum(file.stat().st_size for file in model.glob("*.safetensors"))
    roof = gflop_per_s(numbers["product"], shape)
    texts = subject.corpus()
    facts: dict[str, Any] = {
        "command": f"`python {' '.join(sys.argv)}`",
        "model": f"{options.model}, {subject.about}; {weights_bytes / 1e6:,.0f} MB of weights",
        "texts": f"{len(texts)} of {min(lengths)} to {max(lengths)} tokens, {sum(lengths):,} in all"
        f" ({len(''.join(texts).encode()):,} bytes)",
        "query": f"{QUERY!r}, {subject.calls} calls a round",
        "rounds": options.rounds,
        "batch sizes": batch_sizes,
        **environment(libraries, peers.PACKAGES),
        "sgemm": f"{shape[0]}x{shape[1]} @ {shape[1]}x{shape[2]}, GFLOP/s by round {roof}",
        **other_load.facts(),
    }
    markdown = table(
        numbers,
        title=f"{subject.title}, {cores()} cores, float32",
        texts=len(texts),
        tokens=sum(lengths),
        flops=flops,
        peak_gflop_per_s=statistics.median(roof),
        weights_bytes=weights_bytes,
    )
    document = "\n".join([markdown, "", *(f"- {name}: {fact}" for name, fact in facts.items())])
    print(document)
    if options.write:
        options.write.write_text(document + "\n", encoding="utf-8")
    if options.json:
        everything = {**facts, "lengths": lengths, "numbers": numbers, "table": markdown}
        options.json.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

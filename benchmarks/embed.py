"""Lattice, ONNX Runtime and sentence-transformers side by side: the same model, texts and cores.

    python benchmarks/embed.py --model all-minilm-l6-v2 [--rounds 5] [--json FILE]

Measured: a corpus of mixed lengths in tokens per second (real tokens, no padding); the latency of
one short query; process start to first vector; and tokenization alone, against `tokenizers`. The
ONNX graph is made in the run, from the same weights. Before anything is timed, ids must be equal
and vectors agree.

The machine's speed drifts, so the engines take turns (A B C A B C ...); what counts is the median,
and the median of each round's ratio. Every engine has a process of its own: no thread pool, BLAS
setting or memory of one is in another's way.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import peers
from report import (
    Seconds,
    busy_s,
    environment,
    feed_forward_shape,
    gflop_per_s,
    load_average,
    model_flops,
    prepare,
    table,
)

_QUERY = "how do I open a file for reading and writing?"
_TEXTS = 400
_CALLS = 300  # of the short query, in each round
_TOLERANCE = 1e-5  # of vectors of length 1, computed in float32

# ONNX Runtime's and torch's idle threads spin for a while after a call, and would slow down
# whoever is next.
_PAUSE_S = 0.3


def paragraphs(count: int | None = None) -> list[str]:
    """The first `count` paragraphs of CPython's help topics, by name of the topic, or all.

    Prose, lists and code of 20 to 2000 characters. None comes twice: a tokenizer that remembers
    what it has seen would be flattered. The wording changes with the version of Python.
    """
    parts = (part.strip() for name in sorted(topics) for part in topics[name].split("\n\n"))
    return list(dict.fromkeys(part for part in parts if 20 <= len(part) <= 2000))[:count]


def describe(texts: list[str]) -> str:
    return f"{len(texts)} texts, {len(''.join(texts).encode()):,} bytes"


class Worker:
    """An engine in its own process: `worker("method", *arguments)`."""

    def __init__(self, engine: type[Any], *arguments: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(
            target=serve, args=(far_end, engine, arguments), daemon=True
        )
        self._process.start()
        far_end.close()  # so that the death of the process is seen here

    def __call__(self, method: str, *arguments: Any) -> Any:
        self._pipe.send((method, arguments))
        result, error = self._pipe.recv()
        if error:
            raise SystemExit(f"benchmark stopped: {error}")
        return result

    def close(self) -> None:
        self._pipe.close()
        self._process.join()


def serve(pipe: Connection, engine: type[Any], arguments: tuple[str, ...]) -> None:
    """The worker's side: answer until the benchmark ends."""
    instance = None
    while True:
        try:
            method, values = pipe.recv()
        except EOFError:
            return
        try:
            instance = instance or engine(*arguments)
            pipe.send((getattr(instance, method)(*values), None))
        except Exception as error:
            pipe.send((None, f"{engine.__name__}.{method}: {type(error).__name__}: {error}"))


def export_onnx(model: str, onnx_file: str) -> None:
    """Write the pipeline of `model`, pooling included, as a graph of dynamic shape."""
    import torch
    from sentence_transformers import SentenceTransformer

    # attention as products and softmax, which is what ONNX Runtime knows how to fuse
    eager = {"attn_implementation": "eager"}
    pipeline = SentenceTransformer(model, device="cpu", model_kwargs=eager).eval()

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch has no types
        def __init__(self) -> None:
            super().__init__()
            self.pipeline = pipeline

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            return self.pipeline(features)["sentence_embedding"]

    input_ids = torch.ones(2, 7, dtype=torch.int64)
    attention_mask = torch.ones_like(input_ids)
    attention_mask[0, 4:] = 0  # where nothing is padded, the trace would leave the mask out
    # Its graph is 10 to 15 % faster here than that of the newer exporter, where ONNX Runtime fuses
    # each sum into the layer norm after it; its own graph optimiser (Attention nodes) did not help.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Graph(),
            (input_ids, attention_mask),
            onnx_file,
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={name: {0: "n", 1: "t"} for name in ("input_ids", "attention_mask")},
        )


def fresh_process(code: str, *arguments: str) -> float:
    """Seconds from its start until it prints its first line; it sees this file as `embed`."""
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        problem = process.stderr.read()
    if line.strip() != "done" or process.returncode:
        raise SystemExit(f"benchmark stopped: {code}\n{problem}")
    return seconds


def check_agreement(engines: dict[str, Worker], tokenizers: dict[str, Worker]) -> list[int]:
    """Stop unless all engines give the same ids and vectors; returns the length of each text."""
    texts = [*paragraphs(_TEXTS), _QUERY]
    ids = engines["Lattice"]("ids", texts)
    vectors = engines["Lattice"]("embed", texts, 16)
    for name, worker in [*engines.items(), *tokenizers.items()]:
        differing = [i for i, row in enumerate(worker("ids", texts)) if row != ids[i]]
        if differing:
            raise SystemExit(f"{name}: other ids than Lattice for {texts[differing[0]]!r}")
    for name, worker in list(engines.items())[1:]:
        difference = float(abs(worker("embed", texts, 16) - vectors).max())
        if not difference < _TOLERANCE:  # also where it is NaN
            raise SystemExit(f"{name}: vectors differ from Lattice's by {difference}")
        print(f"Lattice and {name}: ids equal, vectors within {difference:.1e}")
    every_text = paragraphs()
    ids = tokenizers["Lattice"]("ids", every_text)
    for name, worker in tokenizers.items():
        if worker("ids", every_text) != ids:
            raise SystemExit(f"{name}: other ids than Lattice for {len(every_text)} paragraphs")
    return [len(row) for row in engines["Lattice"]("ids", texts[:-1])]


def best_batch_sizes(engines: dict[str, Worker]) -> dict[str, int]:
    """For each engine the batch size that was fastest, in the better of two tries."""
    texts = paragraphs(_TEXTS)
    tried: dict[tuple[str, int], float] = {}
    for _ in range(2):
        for name, worker in engines.items():
            for batch_size in peers.ENGINES[name].batch_sizes:
                time.sleep(_PAUSE_S)
                seconds = worker("embed_s", texts, batch_size)
                tried[name, batch_size] = min(seconds, tried.get((name, batch_size), seconds))
    return {name: min((s, b) for (n, b), s in tried.items() if n == name)[1] for name in engines}


def measure(
    engines: dict[str, Worker],
    tokenizers: dict[str, Worker],
    files: tuple[str, str],
    rounds: int,
    shape: tuple[int, int, int],
) -> tuple[Seconds, dict[str, int]]:
    """All times, the engines in turn, and each one's batch size; `shape`: of the sgemm."""
    seconds: Seconds = defaultdict(lambda: defaultdict(list))
    batch_sizes = best_batch_sizes(engines)
    code = (
        "import sys, peers; query, name, *files = sys.argv[1:]; "
        "peers.ENGINES[name](*files).embed([query], 1); print('done', flush=True)"
    )
    texts, every_text = paragraphs(_TEXTS), paragraphs()
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for name in ("Lattice", "sentence-transformers"):
            time.sleep(_PAUSE_S)
            seconds["product"][name].append(engines[name]("matmul_s", *shape))
        for name, worker in engines.items():
            time.sleep(_PAUSE_S)
            seconds["corpus"][name].append(worker("embed_s", texts, batch_sizes[name]))
        for name, worker in engines.items():
            time.sleep(_PAUSE_S)
            calls = worker("latencies_s", _QUERY, _CALLS)
            seconds["query"][name].append(statistics.median(calls))
            seconds["query p99"][name].append(statistics.quantiles(calls, n=100)[98])
        for name in engines:
            time.sleep(_PAUSE_S)
            seconds["start"][name].append(fresh_process(code, _QUERY, name, *files))
        for name, worker in tokenizers.items():
            first, second = worker("passes_s", every_text)
            seconds["new words"][name].append(first)
            seconds["seen words"][name].append(second)
    return seconds, batch_sizes


def main() -> None:
    parser = argparse.ArgumentParser(description="Lattice and its peers side by side.")
    parser.add_argument("--model", required=True, help="a directory, or a name of the catalog")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every round's numbers to this file")
    options = parser.parse_args()
    prepare()
    from lattice_embed.model_files import locate_model  # not earlier: it may be missing

    model = str(locate_model(options.model).directory)
    os.environ["HF_HUB_OFFLINE"] = "1"  # a directory needs no hub, and asking one takes time
    load_before, busy_before_s, start = load_average(), busy_s(), time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        files = (model, str(Path(directory) / "model.onnx"))
        code = "import sys, embed; embed.export_onnx(*sys.argv[1:]); print('done')"
        fresh_process(code, *files)
        engines = {name: Worker(engine, *files) for name, engine in peers.ENGINES.items()}
        tokenizers = {name: Worker(engine, model) for name, engine in peers.TOKENIZERS.items()}
        lengths = check_agreement(engines, tokenizers)
        libraries = engines["Lattice"]("blas")
        shape = feed_forward_shape(model)
        seconds, batch_sizes = measure(engines, tokenizers, files, options.rounds, shape)
    for worker in [*engines.values(), *tokenizers.values()]:
        worker.close()
    others_s = busy_s() - busy_before_s
    roof = gflop_per_s(seconds["product"], shape)
    facts = {
        **environment(libraries, peers.cores()),
        "load average": f"{load_before} before, {load_average()} after",
        "cores busy with other processes": round(others_s / (time.perf_counter() - start), 2),
        "sgemm": f"{shape[0]}x{shape[1]} @ {shape[1]}x{shape[2]}, GFLOP/s by round {roof}",
        "corpus": describe(paragraphs(_TEXTS)) + f", {sum(lengths):,} tokens",
        "tokenized": describe(paragraphs()),
        "query": _QUERY,
        "rounds": options.rounds,
        "batch sizes": batch_sizes,
    }
    for name, fact in facts.items():
        print(f"{name}: {fact}")
    markdown = table(
        seconds,
        texts=_TEXTS,
        tokens=sum(lengths),
        flops=model_flops(model, lengths),
        peak_gflop_per_s=statistics.median(roof),
        size_mb=len("".join(paragraphs()).encode()) / 1e6,
    )
    print(f"\n{markdown}\n")
    print("In brackets: share of the sgemm peak. Last column: how many times as fast as the peer.")
    if options.json:
        document = {**facts, "lengths": lengths, "seconds": seconds, "table": markdown}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Tokenizing side by side: Lattice, Hugging Face tokenizers and, for WordPiece, nanotoken.

    python benchmarks/tokenize_texts.py [--fixtures fixtures] [--rounds 3] [--json FILE]

One process, the same texts, no offsets asked for. A round takes a tokenizer that has seen nothing,
and gives it a kind of text in three passes: *first*, the first megabyte; *new*, what follows, of
which it has seen no text but many words; *again*, the same once more. Engines take turns, since the
speed of a machine drifts; what counts is the median of megabytes per second and of the ratio in
each round. The ids of all engines are compared in the same run; where they differ, it ends.

Also measured, in processes of their own: how long a tokenizer takes to load, and the import.

    python benchmarks/tokenize_texts.py --growth [--families Unigram] [--rounds 5]

How the time of Lattice grows with the length of one text in which nothing is a word: processor
time for 250,000, 500,000 and a million characters, the median of the rounds, and what each doubling
costs. Once for ids, and once for all that an `Encoding` has, offsets included. No text comes twice;
those of added tokens are for a tokenizer to which 100,000 have been added.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from tokenizer_texts import ADDED_TOKENS, KINDS, UNKIND, texts_of

FAMILIES = {
    "WordPiece": "all-minilm-l6-v2",
    "byte-level BPE": "qwen3-embedding",
    "Unigram": "multilingual-e5-small-q4",
}
_FIRST_BYTES = 1_000_000
_BYTES = 3_000_000
_BATCH = 256
_PASSES = ("first", "new", "again")
_LENGTHS = (250_000, 500_000, 1_000_000)
_WARM_UP = 20_000

Encode = Callable[[list[str]], Any]


def _lattice_tokenizer(path: Path) -> Any:
    from lattice_tokenize import Tokenizer

    tokenizer = Tokenizer.from_file(path)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def lattice(path: Path) -> Encode:
    encode: Encode = _lattice_tokenizer(path).encode_packed
    return encode


def lattice_encodings(path: Path) -> Encode:
    tokenizer = _lattice_tokenizer(path)
    return lambda texts: [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def hugging_face(path: Path) -> Encode:
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encode: Encode = tokenizer.encode_batch_fast
    return encode


def nanotoken(path: Path) -> Encode:
    import nanotoken as engine  # type: ignore[import-not-found]  # only benchmarks use it

    encode: Encode = engine.Tokenizer(str(path)).encode_batch
    return encode


# name -> how to load it, and the threads that it may use
ENGINES: dict[str, tuple[Callable[[Path], Encode], int]] = {
    "Lattice": (lattice, 1),
    "Lattice, encodings": (lattice_encodings, 1),
    "tokenizers, 1 thread": (hugging_face, 1),
    "tokenizers, 2 threads": (hugging_face, 2),
    "nanotoken, 2 threads": (nanotoken, 2),
}


def ids_of(name: str, encoded: Any) -> list[int]:
    if name == "Lattice":
        ids: list[int] = encoded.ids.tolist()
        return ids
    if name == "Lattice, encodings":
        return [token_id for ids in encoded for token_id in ids]
    if name.startswith("nanotoken"):
        return [int(token_id) for token_id in encoded.ids]
    return [token_id for encoding in encoded for token_id in encoding.ids]


def passes(texts: list[str]) -> dict[str, list[list[str]]]:
    """The batches of each pass."""
    size, count = 0, 0
    while size < _FIRST_BYTES:
        size += len(texts[count].encode())
        count += 1
    first, new = (
        [part[start : start + _BATCH] for start in range(0, len(part), _BATCH)]
        for part in (texts[:count], texts[count:])
    )
    return {"first": first, "new": new, "again": new}


def megabytes(batches: list[list[str]]) -> float:
    return sum(len(text.encode()) for batch in batches for text in batch) / 1e6


def measure(path: Path, kind: str, names: list[str], rounds: int) -> dict[str, dict[str, Any]]:
    """pass -> engine -> megabytes per second of each round; ids are compared in the first."""
    batches = passes(texts_of(kind, _BYTES))
    rates: dict[str, dict[str, Any]] = {name: defaultdict(list) for name in _PASSES}
    expected: list[int] = []
    for round_number in range(rounds):
        for name in names[round_number % len(names) :] + names[: round_number % len(names)]:
            load, threads = ENGINES[name]
            os.environ["TOKENIZERS_PARALLELISM"] = "true" if threads > 1 else "false"
            encode = load(path)
            ids: list[int] = []
            for each in _PASSES:
                started = time.perf_counter()
                encoded = [encode(batch) for batch in batches[each]]
                seconds = time.perf_counter() - started
                rates[each][name].append(megabytes(batches[each]) / seconds)
                if round_number == 0:
                    for one in encoded:
                        ids += ids_of(name, one)
                del encoded
            if round_number == 0:
                if expected and ids != expected:
                    raise SystemExit(f"{name} has other ids than the engine before it on {kind}")
                expected = ids
    return rates


_LOAD = """
import sys, time
started = time.perf_counter()
{imports}
imported = time.perf_counter()
{load}
print(imported - started, time.perf_counter() - imported)
"""
_LOADERS = {
    "Lattice": ("from lattice_tokenize import Tokenizer", "Tokenizer.from_file(sys.argv[1])"),
    "tokenizers": ("from tokenizers import Tokenizer", "Tokenizer.from_file(sys.argv[1])"),
}


def loading(path: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """engine -> median seconds of import, beyond NumPy, and of loading."""
    seconds: dict[str, list[list[float]]] = defaultdict(list)
    for _ in range(rounds):
        for name, (imports, load) in _LOADERS.items():
            script = "import numpy, json, typing\n" + _LOAD.format(imports=imports, load=load)
            command = [sys.executable, "-c", script, str(path)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds[name].append([float(part) for part in output.split()])
    return {
        name: (statistics.median(a for a, _ in values), statistics.median(b for _, b in values))
        for name, values in seconds.items()
    }


def growth(path: Path, rounds: int) -> Iterator[tuple[str, str, list[float]]]:
    """What is asked for, of which text, and the median seconds for each of `_LENGTHS`."""
    plain, with_added = _lattice_tokenizer(path), _lattice_tokenizer(path)
    with_added.add_tokens(ADDED_TOKENS)
    asked: dict[str, Callable[[Any, str], Any]] = {
        "ids": lambda tokenizer, text: tokenizer.encode_packed([text]),
        "offsets": lambda tokenizer, text: tokenizer.encode(text).offsets,
    }
    chance = random.Random(20261123)
    for what, ask in asked.items():
        for kind, text_of in UNKIND.items():
            tokenizer = with_added if kind.startswith("added") else plain
            ask(tokenizer, text_of(_WARM_UP, chance))
            seconds: dict[int, list[float]] = defaultdict(list)
            for _ in range(rounds):
                for length in _LENGTHS:
                    # a few more each time, or the same spaces would come again
                    text = text_of(length + chance.randrange(100), chance)
                    started = time.process_time()
                    ask(tokenizer, text)
                    seconds[length].append(time.process_time() - started)
            yield what, kind, [statistics.median(seconds[length]) for length in _LENGTHS]


def print_growth(path: Path, rounds: int) -> None:
    heads = " ".join(f"{length:>9,}" for length in _LENGTHS)
    print(f"  {'':8}{'characters':22}{heads}   ms, and how many times the one before")
    for what, kind, seconds in growth(path, rounds):
        times = " ".join(f"{value * 1e3:9.0f}" for value in seconds)
        ratios = " ".join(f"{b / a:6.2f}" for a, b in pairwise(seconds))
        print(f"  {what:8}{kind:22}{times}  {ratios}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fixtures", type=Path, default=Path("fixtures"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--growth", action="store_true", help="only how time grows with a text")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for family in options.families:
        path = options.fixtures / FAMILIES[family] / "tokenizer.json"
        if options.growth:
            print(f"\n{family} ({FAMILIES[family]})")
            print_growth(path, options.rounds)
            continue
        names = [n for n in ENGINES if family == "WordPiece" or not n.startswith("nanotoken")]
        print(f"\n{family} ({FAMILIES[family]})")
        for name, (import_s, load_s) in loading(path, max(3, options.rounds)).items():
            print(f"  {name:24} import {import_s * 1e3:6.0f} ms   load {load_s * 1e3:6.0f} ms")
        for kind in options.kinds:
            rates = measure(path, kind, names, options.rounds)
            results[f"{family}/{kind}"] = rates
            heads = " ".join(f"{each:>16}" for each in _PASSES)
            print(f"  {kind:24} {heads}   MB/s (Lattice is x times)")
            for name in names:
                cells = []
                for each in _PASSES:
                    ratio = statistics.median(
                        ours / theirs
                        for ours, theirs in zip(
                            rates[each]["Lattice"], rates[each][name], strict=True
                        )
                    )
                    cells.append(f"{statistics.median(rates[each][name]):8.1f} ({ratio:4.2f}x)")
                print(f"    {name:22} " + " ".join(f"{cell:>16}" for cell in cells), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

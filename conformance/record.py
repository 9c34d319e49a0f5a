"""Cases -> the same cases with what the oracle, Hugging Face, says of them.

The oracle is asked as any engine is (`engines/hugging_face.py`), in float64, or in the `dtype` of
source.json. Vectors are rounded to a fixed number of decimals, so that every machine records the
same bytes. What its float32 errs is measured once for each vector, and kept. The date in
source.json is that of the last recording that said something new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import tokenizers
from lattice_embed.pinned_files import sha256_of

from .cache_keys import DERIVATION, derived_key
from .cases import (
    CASES,
    ERROR_KEY,
    Case,
    CaseSet,
    case_set_files,
    expected_keys,
    read_case_sets,
    replace_files,
)
from .engines.hugging_face import HuggingFaceEngine, cache_versions, open_tokenizer
from .engines.protocol import Question
from .fixtures import folder_of, read_manifest
from .provenance import ORACLE_FILES, dated, provenance, today
from .tolerance import float32_error
from .unicode_digests import BLOCKS, DIGESTS, digest, digests_file

__all__ = ["check_all", "record_all"]

_DECIMALS = 8
# what somebody has written in source.json, and no recording changes
_WRITTEN = ("about", "dtype", "limit", "offsets")


def record_all(subjects: Collection[str] = ()) -> None:
    """Write every file of the suite that holds what the oracle says, or those of some subjects."""
    for path, content in _recorded(subjects):
        replace_files({path: content})
        click.echo(f"recorded {path.relative_to(CASES)}")


def check_all(subjects: Collection[str] = ()) -> bool:
    """Ask the oracle twice; whether both answers are the committed bytes (F10)."""
    same = True
    for turn in ("first", "second"):
        for path, content in _recorded(subjects):
            if path.read_bytes() != content:
                same = False
                click.echo(f"{path.relative_to(CASES)}: the {turn} recording differs", err=True)
    if same:
        click.echo("Two recordings are the committed files, byte for byte.")
    return same


def _recorded(subjects: Collection[str]) -> Iterator[tuple[Path, bytes]]:
    oracle = {dtype: HuggingFaceEngine(dtype) for dtype in ("float64", "float32", "bfloat16")}
    for case_set in read_case_sets():
        if subjects and case_set.subject not in subjects:
            continue
        cases = tuple(replace(c, expect=_expect(oracle, case_set, c)) for c in case_set.cases)
        source = _source(case_set, oracle[case_set.dtype].versions())
        recorded = dated(replace(case_set, source=source, cases=cases), case_set, today())
        yield from case_set_files(recorded).items()
    for path in sorted(DIGESTS.glob("*.json")):
        if not subjects or path.stem in subjects:
            yield _record_unicode(path.stem)


def _expect(
    oracle: Mapping[str, HuggingFaceEngine], case_set: CaseSet, case: Case
) -> dict[str, Any]:
    """What the oracle says, under the keys that the stage compares."""
    asked = case.input
    if case_set.stage == "cache_key":
        return {"key": derived_key(asked)}
    if case_set.stage == "vectors":
        tokenizer = open_tokenizer(case_set.subject, as_filed=False)
        tokenizer.enable_truncation(case_set.source["limit"]["max_tokens"])
        asked = {"ids": tokenizer.encode(case.input["text"]).ids}
        tokenizer.no_truncation()
    question = Question(case_set.stage, case_set.subject, asked)
    answer = {**asked, **oracle[case_set.dtype].ask(question)}
    keys = expected_keys(case_set, asked)
    if "vector" in answer:
        answer["vector"] = [round(value, _DECIMALS) for value in answer["vector"]]
    if ERROR_KEY in keys:
        answer[ERROR_KEY] = _kept_error(case, answer["vector"])
        if answer[ERROR_KEY] is None:
            answer[ERROR_KEY] = float32_error(
                oracle["float32"].ask(question)["vector"], answer["vector"]
            )
    return {key: answer[key] for key in keys}


def _kept_error(case: Case, vector: list[float]) -> dict[str, float] | None:
    """The committed error, while the vector is the same: float32 differs from machine to machine.

    Whoever wants it measured anew takes it out of the case.
    """
    committed = case.expect or {}
    error: dict[str, float] | None = committed.get(ERROR_KEY)
    return error if committed.get("vector") == vector else None


def _source(case_set: CaseSet, versions: dict[str, str]) -> dict[str, Any]:
    written = {key: case_set.source[key] for key in _WRITTEN if key in case_set.source}
    if case_set.stage == "cache_key":
        return {**written, "oracle": {"derivation": DERIVATION}}
    folder, vectors = folder_of(case_set.subject), case_set.stage in ("vectors", "service")
    told = provenance(case_set.subject, ORACLE_FILES[case_set.stage], read_manifest())
    if not vectors:
        package = {"tokenizer": "tokenizers", "model_files": "huggingface-hub"}[case_set.stage]
        versions = {package: {**versions, **cache_versions()}[package]}
    return {
        **written,
        "oracle": {**versions, **({"decimals": str(_DECIMALS)} if vectors else {})},
        **told,
        "sha256": {name: sha256_of(folder / name) for name in told["sha256"]},  # of what was read
    }


def _record_unicode(subject: str) -> tuple[Path, bytes]:
    tokenizer = open_tokenizer(subject, as_filed=False)

    def ids_of(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]

    values = [digest(block, ids_of) for block in range(BLOCKS)]
    return digests_file(subject, values, oracle=f"tokenizers {tokenizers.__version__}")

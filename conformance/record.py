"""Cases -> the same cases with what the oracle, Hugging Face, says of them.

`oracle.py` asks it. The date in source.json is that of the last recording that said something new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import tokenizers
from lattice_embed.pinned_files import sha256_of

from .cases import CASES, CaseSet, case_set_files, read_case_sets, replace_files
from .engines.hugging_face import open_tokenizer
from .fixtures import folder_of, read_manifest
from .oracle import Oracle
from .provenance import ORACLE_FILES, dated, provenance, today
from .unicode_digests import BLOCKS, DIGESTS, digest, digests_file

__all__ = ["check_all", "record_all"]

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
    oracle = Oracle()
    for case_set in read_case_sets():
        if subjects and case_set.subject not in subjects:
            continue
        cases = tuple(replace(c, expect=oracle.expect(case_set, c)) for c in case_set.cases)
        source = _source(case_set, oracle.versions(case_set))
        recorded = dated(replace(case_set, source=source, cases=cases), case_set, today())
        yield from case_set_files(recorded).items()
    for path in sorted(DIGESTS.glob("*.json")):
        if not subjects or path.stem in subjects:
            yield _record_unicode(path.stem)


def _source(case_set: CaseSet, versions: dict[str, str]) -> dict[str, Any]:
    written = {key: case_set.source[key] for key in _WRITTEN if key in case_set.source}
    told = provenance(case_set.subject, ORACLE_FILES[case_set.stage], read_manifest())
    if told:  # of what was read
        folder = folder_of(case_set.subject)
        told["sha256"] = {name: sha256_of(folder / name) for name in told["sha256"]}
    return {**written, "oracle": versions, **told}


def _record_unicode(subject: str) -> tuple[Path, bytes]:
    tokenizer = open_tokenizer(subject, as_filed=False)

    def ids_of(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]

    values = [digest(block, ids_of) for block in range(BLOCKS)]
    return digests_file(subject, values, oracle=f"tokenizers {tokenizers.__version__}")

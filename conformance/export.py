"""The suite's data -> a folder for other repositories, in any language: no code, no fixtures.

    VERSION  README.md  cases/  schema/  expected_failures.toml  fixtures.toml

The same suite gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import SUITE_VERSION
from .cases import CASES, CaseSet, read_case_sets, replace_files
from .fixtures import MANIFEST
from .ledger import LEDGER
from .schemas import SCHEMAS

__all__ = ["ExportError", "export"]

_README = """\
# Conformance cases {version}

What a correct tokenizer, encoder and embedding service must answer: {cases} cases, recorded from
Hugging Face. Data only; exported with `python -m conformance export` of the Lattice repository.

| | |
|---|---|
| `cases/<stage>/<subject>/cases.jsonl` | one case per line, JSON in UTF-8 |
| `cases/<stage>/<subject>/source.json` | which oracle said so of which files; limits of vectors |
| `cases/tokenizer/<subject>/tokenizer.json` | where it is a small one, made for the suite |
| `cases/tags.toml` | what the tags mean, and which defects they guard |
| `cases/unicode/<subject>.json` | digests of the ids of every code point |
| `schema/` | JSON Schemas of all these |
| `fixtures.toml` | where the files of the other subjects come from, with sha256 and licence |
| `expected_failures.toml` | cases that an engine is known to get wrong; strict in both directions |

## A case

- `id` is stable; `<stage>/<subject>/<id>` names a case. `hash` is that of its input.
- `input` is what is asked: `text`, perhaps `pair`, `max_tokens` (cut to so many, special tokens
  included) or `as_filed` (with the truncation and padding of tokenizer.json; without it neither).
- `expect` holds the answer. Lists must be equal, `decoded` is the text of `ids` without special
  tokens, `offsets` count code points. An encoder is given `ids` and must come near `vector`: the
  greatest difference of a number must be at most its limit, the cosine at least its own; NaN is
  outside both.
- `comment` says why the case exists.

An engine passes a case if all of `expect` is right. One that answers some keys only passes in part:
count that apart. A case that an engine does not claim is unsupported, and no pass.

| stage | subject | cases |
|---|---|---|
{rows}
"""


class ExportError(Exception):
    """A folder that cannot be written to."""


def export(folder: Path) -> int:
    """Write the suite into `folder`, which must be new or empty, and say how many files there are.

    Raises `ExportError` where something is there already, and then has written nothing.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f"folder: expected a new or empty one, received {folder}")
    files = {folder / name: content for name, content in _files()}
    replace_files(files)
    return len(files)


def _files() -> Iterator[tuple[str, bytes]]:
    yield "VERSION", f"{SUITE_VERSION}\n".encode()
    yield "README.md", _readme(read_case_sets()).encode()
    for path in (LEDGER, MANIFEST):
        yield path.name, path.read_bytes()
    for name, root in (("cases", CASES), ("schema", SCHEMAS)):
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield f"{name}/{path.relative_to(root).as_posix()}", path.read_bytes()


def _readme(case_sets: list[CaseSet]) -> str:
    rows = "\n".join(f"| {s.stage} | {s.subject} | {len(s.cases)} |" for s in case_sets)
    cases = sum(len(case_set.cases) for case_set in case_sets)
    return _README.format(version=SUITE_VERSION, cases=f"{cases:,}", rows=rows)

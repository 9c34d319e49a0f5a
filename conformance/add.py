"""A text that an engine may get wrong -> a case in its place, with what the oracle says.

Everything that can be refused is refused before the oracle is asked, and nothing is written then.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from .cases import CASES, Case, CaseSet, case_set_files, read_case_set, replace_files
from .oracle import Oracle
from .provenance import today
from .schemas import broken_rules, told
from .tags import near_tags, read_tags

__all__ = ["STAGES", "AddError", "add_case", "new_id", "open_case_set", "unescaped"]

# those whose cases ask about a text and have what Hugging Face says of it
STAGES = ("tokenizer", "vectors", "service")
_SLUG_WORDS, _SLUG_LETTERS = 4, 30


class AddError(Exception):
    """A case that cannot be added: what was expected, what was received."""


def unescaped(text: str) -> str:
    r"""A text written as case files write it, with JSON escapes.

    >>> [f"{ord(character):x}" for character in unescaped(r"a\u3099\ud83d\ude00")]
    ['61', '3099', '1f600']
    """
    quoted = re.sub(r'(\\.)|"', lambda match: match.group(1) or r"\"", text, flags=re.DOTALL)
    try:
        value: str = json.loads(f'"{quoted}"', strict=False)
    except ValueError:
        raise AddError(f"expected a text with JSON escapes, received {text!r}") from None
    return value


def open_case_set(stage: str, subject: str, *, root: Path = CASES) -> CaseSet:
    """The case set that a case is to be added to; the beginning of its name is enough."""
    folder = root / stage
    if stage not in STAGES:
        raise AddError(f"stage: expected one of {', '.join(STAGES)}, received {stage!r}")
    known = sorted(path.name for path in folder.iterdir() if path.is_dir())
    meant = [name for name in known if name == subject] or [
        name for name in known if subject and name.startswith(subject)
    ]
    if len(meant) != 1:
        raise AddError(
            f"subject: expected one of {', '.join(meant or known)}, received {subject!r}"
        )
    return read_case_set(folder / meant[0])


def add_case(
    case_set: CaseSet,
    asked: dict[str, Any],
    *,
    tags: Collection[str],
    why: str,
    oracle: Oracle,
    case_id: str | None = None,
    root: Path = CASES,
) -> Case:
    """Ask the oracle, and write the case after the last one of its group.

    `asked` is the input of the case. Without `case_id` the id is made of the first tag and of the
    text. Raises `AddError`, and then has written nothing.
    """
    _check_tags(tags, root)
    taken = {case.id for case in case_set.cases}
    named = case_id or new_id(next(iter(tags)), asked["text"], taken)
    case = Case(named, asked, None, tuple(dict.fromkeys(tags)), why)
    _check_new(case, case_set)
    recorded = case_set.source["oracle"]
    for package, version in oracle.versions(case_set).items():
        if recorded.get(package) != version:
            raise AddError(
                f"oracle: expected {package} {recorded.get(package)}, which all cases of "
                f"{case_set.stage}/{case_set.subject} come from, received {version}"
            )
    case = replace(case, expect=oracle.expect(case_set, case))
    for error in broken_rules(json.loads(case.line), "case", case_set.stage):
        raise AddError(told(error))
    group = case.id.partition("/")[0]
    after = max(
        (i for i, other in enumerate(case_set.cases, 1) if other.id.partition("/")[0] == group),
        default=len(case_set.cases),
    )
    cases = (*case_set.cases[:after], case, *case_set.cases[after:])
    source = {**case_set.source, "recorded": today()}
    replace_files(case_set_files(replace(case_set, source=source, cases=cases), root=root))
    return case


def new_id(tag: str, text: str, taken: Collection[str]) -> str:
    """An id that is free, out of a tag and the first words of a text, or else a number.

    >>> new_id("accents", "Café au lait", []), new_id("kana", "が", ["kana/1"])
    ('accents/cafe-au-lait', 'kana/2')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall("[a-z0-9]+", plain)[:_SLUG_WORDS]
    slug = "-".join(words)[:_SLUG_LETTERS].strip("-")
    names = [f"{tag}/{slug}"] if slug else []
    names += [f"{tag}/{slug}-{n}" if slug else f"{tag}/{n}" for n in range(1, len(taken) + 2)]
    return next(name for name in names if name not in taken)


def _check_tags(tags: Collection[str], root: Path) -> None:
    dictionary = read_tags(root)
    if not tags:
        raise AddError("tag: expected at least one, received none")
    for tag in tags:
        if tag not in dictionary:
            near = ", ".join(near_tags(tag, dictionary))
            raise AddError(f"tag: expected one of tags.toml ({near}), received {tag!r}")


def _check_new(case: Case, case_set: CaseSet) -> None:
    """That the case is new, and that all but its expectation obeys the schema."""
    for number, other in enumerate(case_set.cases, start=1):
        if other.hash == case.hash:
            where = f"{case_set.stage}/{case_set.subject}/cases.jsonl:{number}"
            raise AddError(f"text: expected a new one, received that of {other.id} ({where})")
        if other.id == case.id:
            raise AddError(f"id: expected a free one, received {case.id!r}")
    for error in broken_rules(json.loads(case.line), "case", case_set.stage):
        if list(error.path)[:1] != ["expect"]:
            raise AddError(told(error))
    if case.comment.strip() == case.id:
        raise AddError("why: expected why the case exists, received its id")

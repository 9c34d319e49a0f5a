"""A failure -> what a reader needs of it: the text, both answers, and the command that keeps it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from ..printable import escaped
from ..side_by_side import side_by_side
from .differ import Refusal, tried
from .fuzzing import Failure, Totals

__all__ = ["as_case", "save_command", "told_failure", "told_totals"]

_RECORDED = ("ids", "tokens", "type_ids", "decoded", "packed ids")
_SHORT, _VALUE = 3000, 300  # characters of a generated document, and of a value, that are printed


def as_case(failure: Failure) -> dict[str, Any] | None:
    """The input of a case that asks the same, or `None` where cases cannot say it."""
    form, sample = failure.form, failure.sample
    if form.words or form.padding or not form.add_special_tokens:
        return None
    if form.truncation and not form.max_tokens:
        return None
    text, pair = sample if isinstance(sample, tuple) else (sample, None)
    asked = {"text": text, "pair": pair, "max_tokens": form.max_tokens}
    asked["as_filed"] = form.as_filed or None
    return {key: value for key, value in asked.items() if value is not None}


def why(failure: Failure, seed: int) -> str:
    return f"found by the fuzzer (seed {seed}): {failure.difference.field} differed"


def save_command(failure: Failure, seed: int) -> str | None:
    """What to type to make a case of it."""
    asked, case_set = as_case(failure), failure.subject.case_set
    if asked is None or case_set is None:
        return None
    words = ["python", "-m", "conformance", "add", "tokenizer", case_set, "--escaped"]
    words += ["--tag", failure.tag, "--why", why(failure, seed)]
    if "pair" in asked:
        words += ["--pair", _escapes(asked["pair"])]
    if "max_tokens" in asked:
        words += ["--max-tokens", str(asked["max_tokens"])]
    words += ["--as-filed"] if "as_filed" in asked else []
    return shlex.join([*words, "--", _escapes(asked["text"])])


def _escapes(text: str) -> str:
    return json.dumps(text)[1:-1]


def told_failure(failure: Failure, engine: str, seed: int) -> Iterator[str]:
    """Lines for a terminal."""
    difference, subject = failure.difference, failure.subject
    yield f"DIFFERENCE in {difference.field}: {subject.name} ({failure.form})"
    if failure.sample is not None:
        yield f"  input: {failure.sample!a}"
    if not failure.alone:
        yield "  only in its batch: alone the input gives the same answers"
    if difference.oracle is not None and difference.engine is not None:
        both = [tried(_shown, encoding) for encoding in (difference.oracle, difference.engine)]
        if not any(isinstance(fields, Refusal) for fields in both):
            yield from (f"  {line}" for line in side_by_side(both[0], both[1], name=engine))
    for who, value in (("oracle", difference.wanted), (engine, difference.received)):
        said = value.message if isinstance(value, Refusal) else ascii(value)
        yield f"  {who:>8}: {said[:_VALUE]}"
    command = save_command(failure, seed)
    if command:
        yield f"  keep it: {command}"
        if difference.field not in _RECORDED:
            yield f"  (a case records no {difference.field}: a test of the package should too)"
    elif failure.sample is not None:
        yield "  no case can say this: keep it in a test of the package"
    if subject.case_set is None and len(subject.text) <= _SHORT:
        yield f"  tokenizer.json: {escaped(subject.text)}"


def _shown(encoding: Any) -> dict[str, Any]:
    fields = ("ids", "tokens", "type_ids", "offsets", "attention_mask", "special_tokens_mask")
    lists = ((name, getattr(encoding, name)) for name in fields)
    return {name: json.loads(json.dumps(values)) for name, values in lists}


def told_totals(totals: Totals, name: str) -> str:
    rate = totals.strings / totals.seconds if totals.seconds else 0
    parts = [f"{name}: {totals.strings} strings", f"{totals.tokens} tokens"]
    parts += [f"{totals.subjects} tokenizers"] if totals.subjects > 1 else []
    parts += [f"{totals.refused} refused by both"] if totals.refused else []
    parts += [f"{totals.panicked} on which the oracle panicked"] if totals.panicked else []
    parts += [f"{totals.files_refused} files refused"] if totals.files_refused else []
    parts += [f"{len(totals.failures)} differences", f"{rate:.0f} strings/s"]
    return ", ".join(parts)

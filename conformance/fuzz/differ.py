"""Two tokenizers and a batch of inputs -> the first input on which they differ, and in what.

Compared are all fields of every encoding and of what overflowed, both ways of decoding, and, where
the engine has `encode_packed`, its ids. A refusal is an answer too: where the oracle refuses, the
engine must. Where the oracle panics there is no right answer, and nothing is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .forms import Form, Input

__all__ = ["Difference", "Duel", "Outcome", "Refusal", "tried"]

FIELDS = (
    "ids",
    "tokens",
    "type_ids",
    "offsets",
    "attention_mask",
    "special_tokens_mask",
    "word_ids",
    "sequence_ids",
    "n_sequences",
)
_BESIDE = "What stands beside a text must not change it. " * 40
_NESTED = 64  # encodings that overflowed of one input that are compared; some have thousands


@dataclass(frozen=True)
class Refusal:
    """An error in the place of an encoding."""

    message: str
    panic: bool = False


@dataclass(frozen=True)
class Difference:
    """In `field` of the input `index` of the batch. `oracle`, `engine`: their encodings."""

    index: int
    field: str
    wanted: Any
    received: Any
    oracle: Any = None
    engine: Any = None


@dataclass(frozen=True)
class Outcome:
    """`answered`: inputs that both gave an encoding for, `tokens` long in all."""

    answered: int
    refused: int
    panicked: int
    tokens: int
    difference: Difference | None = None


class Duel:
    """Both tokenizers, which must have the interface of `tokenizers.Tokenizer`."""

    def __init__(self, oracle: Any, engine: Any) -> None:
        self.oracle = oracle
        self.engine = engine

    def ask(self, form: Form, inputs: Sequence[Input]) -> Outcome:
        """Hold the engine's answers against the oracle's."""
        right = _answers(self.oracle, form, inputs)
        # one refused input refuses its batch, and padding depends on the batch
        alone = any(isinstance(answer, Refusal) for answer in right)
        ours = _answers(self.engine, form, inputs, alone=alone)
        refused = panicked = tokens = 0
        difference = None
        for index, (wanted, received) in enumerate(zip(right, ours, strict=True)):
            if isinstance(wanted, Refusal):
                panicked += wanted.panic
                refused += not wanted.panic
                if not wanted.panic and not _refuses_properly(received):
                    difference = Difference(index, "refusal", wanted, received)
            elif isinstance(received, Refusal):
                difference = Difference(index, "refusal", "an encoding", received, wanted)
            else:
                tokens += len(wanted)
                differs = tried(_different_field, wanted, received, _NESTED)
                if isinstance(differs, Refusal):  # an engine may compute a field when it is read
                    differs = "reading the encoding", "every field", differs
                if differs:
                    name, one, other = differs
                    difference = Difference(index, name, one, other, wanted, received)
            if difference:
                return Outcome(index - refused - panicked, refused, panicked, tokens, difference)
        answered = len(inputs) - refused - panicked
        difference = self._decoded(right, ours)
        if difference is None and answered == len(inputs):
            difference = self._packed(form, inputs, right, ours)
        return Outcome(answered, refused, panicked, tokens, difference)

    def _decoded(self, right: Sequence[Any], ours: Sequence[Any]) -> Difference | None:
        pairs = [(i, r, o) for i, (r, o) in enumerate(zip(right, ours, strict=True))]
        pairs = [pair for pair in pairs if not isinstance(pair[1], Refusal)]
        ids = [wanted.ids for _, wanted, _ in pairs]
        for skip in (True, False):
            texts = _decoded(self.oracle, ids, skip=skip), _decoded(self.engine, ids, skip=skip)
            if texts[0] == texts[1]:
                continue
            for (index, wanted, received), one, other in zip(pairs, *texts, strict=True):
                panic = isinstance(one, Refusal) and one.panic
                refused = isinstance(one, Refusal) and _refuses_properly(other)
                if one != other and not panic and not refused:
                    field = "decoded" if skip else "decoded with special tokens"
                    return Difference(index, field, one, other, wanted, received)
        return None

    def _packed(
        self, form: Form, inputs: Sequence[Input], right: Sequence[Any], ours: Sequence[Any]
    ) -> Difference | None:
        if form.pair or form.words or not hasattr(self.engine, "encode_packed"):
            return None
        options: dict[str, Any] = {"add_special_tokens": form.add_special_tokens}
        special = self.oracle.num_special_tokens_to_add(False) if form.add_special_tokens else 0
        if form.max_tokens is not None and form.max_tokens >= max(1, special):
            options["max_tokens"] = form.max_tokens
        # a batch of many characters may go another way; but no truncation need suit its last text
        beside = [] if form.truncation or form.as_filed else [_BESIDE]
        try:
            packed = self.engine.encode_packed([*inputs, *beside], **options)
        except Exception as error:
            return Difference(0, "packed", "ids", _refusal(error), right[0], ours[0])
        ends = packed.cu_seqlens.tolist()
        ids = packed.ids.tolist()
        for i, (wanted, received) in enumerate(zip(right, ours, strict=True)):
            row = ids[ends[i] : ends[i + 1]]
            whole = wanted.ids
            if form.padding or form.as_filed:  # what is packed is never padded
                attended = zip(whole, wanted.attention_mask, strict=True)
                whole = [token_id for token_id, mask in attended if mask]
            if row != whole:
                return Difference(i, "packed ids", whole, row, wanted, received)
            cut = bool(packed.truncated[i])
            if cut != bool(wanted.overflowing):
                return Difference(i, "packed truncated", not cut, cut, wanted, received)
        return None


def _answers(
    tokenizer: Any, form: Form, inputs: Sequence[Input], *, alone: bool = False
) -> list[Any]:
    """An encoding or a `Refusal` for each input; all at once, if none is refused or `alone`."""
    try:
        _set_options(tokenizer, form)
    except Exception as error:
        return [_refusal(error) for _ in inputs]
    options = {"is_pretokenized": form.words, "add_special_tokens": form.add_special_tokens}
    if not alone:
        encodings = tried(lambda: tokenizer.encode_batch(list(inputs), **options))
        if not isinstance(encodings, Refusal):
            return list(encodings)
    answers = []
    for one in inputs:
        answer = tried(lambda one=one: tokenizer.encode_batch([one], **options))
        answers.append(answer if isinstance(answer, Refusal) else answer[0])
    return answers


def _set_options(tokenizer: Any, form: Form) -> None:
    if form.as_filed:
        return
    if form.truncation is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(**form.truncation)
    if form.padding is None:
        tokenizer.no_padding()
    else:
        tokenizer.enable_padding(**form.padding)


def _decoded(tokenizer: Any, ids: list[list[int]], *, skip: bool) -> list[Any]:
    texts = tried(lambda: tokenizer.decode_batch(ids, skip_special_tokens=skip))
    if not isinstance(texts, Refusal):
        return list(texts)
    return [tried(lambda row=row: tokenizer.decode(row, skip_special_tokens=skip)) for row in ids]


def tried(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call returns, or a `Refusal`."""
    try:
        return call(*arguments)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        return _refusal(error)


def _refusal(error: BaseException) -> Refusal:
    panic = not isinstance(error, Exception)
    return Refusal(f"{type(error).__name__}: {error}", panic)


def _refuses_properly(answer: Any) -> bool:
    return isinstance(answer, Refusal) and not answer.panic


def _different_field(wanted: Any, received: Any, nested: int) -> tuple[str, Any, Any] | None:
    """The first field that differs, and both its values."""
    for field in FIELDS:
        one, other = getattr(wanted, field), getattr(received, field)
        if one != other:
            return field, one, other
    one, other = wanted.overflowing, received.overflowing
    if len(one) != len(other):
        return "overflowing", f"{len(one)} encodings", f"{len(other)} encodings"
    for number, (right, ours) in enumerate(zip(one[:nested], other[:nested], strict=True)):
        differs = _different_field(right, ours, nested // 4)
        if differs:
            return f"overflowing[{number}].{differs[0]}", differs[1], differs[2]
    return None

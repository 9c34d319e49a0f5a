"""A tokenizer made for tests of the fuzzer: it cuts at spaces, and can be bent in one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..fuzz.subjects import Subject

__all__ = ["SUBJECT", "Encoding", "Tokenizer", "of"]

SUBJECT = Subject("fake", '{"model": {"vocab": {"a": 0}}, "added_tokens": []}', "fake")


@dataclass
class Encoding:
    tokens: list[str]
    offsets: list[tuple[int, int]]
    overflowing: list[Encoding] = field(default_factory=list)
    n_sequences: int = 1

    def __post_init__(self) -> None:
        self.ids = [sum(map(ord, token)) for token in self.tokens]
        zeros = [0 for _ in self.tokens]
        self.type_ids, self.special_tokens_mask, self.sequence_ids = zeros, zeros, zeros
        self.attention_mask = [1 for _ in zeros]
        self.word_ids = list(range(len(zeros)))

    def __len__(self) -> int:
        return len(self.tokens)


class Tokenizer:
    """`bend` changes an encoding, `decoded` a text."""

    def __init__(
        self,
        bend: Callable[[Any, Encoding], Any] = lambda _, encoding: encoding,
        decoded: Callable[[str], str] = str,
    ) -> None:
        self._bend, self._decoded = bend, decoded
        self.length: int | None = None

    def enable_truncation(self, max_length: int, **_: Any) -> None:
        self.length = max_length

    def no_truncation(self) -> None:
        self.length = None

    def enable_padding(self, **_: Any) -> None: ...

    def no_padding(self) -> None: ...

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        return 0

    def encode_batch(self, inputs: list[Any], **_: Any) -> list[Any]:
        return [self._bend(one, self._encoded(one)) for one in inputs]

    def _encoded(self, one: Any) -> Encoding:
        text = one if isinstance(one, str) else " ".join(str(part) for part in one)
        tokens = text.split(" ")
        encoding = Encoding(
            tokens[: self.length], [(0, len(token)) for token in tokens][: self.length]
        )
        if self.length is not None and len(tokens) > self.length:
            encoding.overflowing = [Encoding(tokens[self.length :], [])]
        return encoding

    def decode_batch(self, ids: list[list[int]], skip_special_tokens: bool) -> list[str]:
        return [self._decoded(str(row)) for row in ids]

    decode = None


def of(encoding: Encoding, **changes: Any) -> Encoding:
    changed = Encoding(encoding.tokens, encoding.offsets, encoding.overflowing)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed

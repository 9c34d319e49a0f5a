"""What `Tokenizer.encode` returns: one sequence of tokens, as parallel lists.

Follows `Encoding` of Hugging Face tokenizers. Differs on purpose: columns are the lists themselves
and not copies of them, encodings are equal if all they hold is equal, and what crashes there
(a stride that is too great, a negative position) is an `EncodingOptionError` here.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .errors import EncodingOptionError
from .token_positions import TokenPositions, natural

__all__ = ["Encoding"]

Item = TypeVar("Item")

Range = tuple[int, int]

# what the columns are called in the state that is pickled, which is the oracle's
_STATE = (
    "ids",
    "type_ids",
    "tokens",
    "words",
    "offsets",
    "special_tokens_mask",
    "attention_mask",
)


def _direction(value: str) -> str:
    if value not in ("left", "right"):
        raise EncodingOptionError("direction", "'left' or 'right'", repr(value))
    return value


class Encoding(TokenPositions):
    """The tokens of one text or one pair of texts, special tokens and padding included.

    >>> encoding = Encoding([7, 8], tokens=["go", "##ing"], offsets=[(0, 2), (2, 5)],
    ...                     word_ids=[0, 0])
    >>> encoding.char_to_token(3), encoding.word_to_chars(0)
    (1, (0, 5))

    What can be asked without the text, `ids`, `type_ids` and the masks, is there from the start.
    The rest may come from `complete`, which is called when it is first asked for, and gives an
    encoding with the same ids.
    """

    __slots__ = (
        "_attention_mask",
        "_complete",
        "_ids",
        "_offsets",
        "_overflowing",
        "_sequence_ranges",
        "_special_tokens_mask",
        "_tokens",
        "_type_ids",
        "_word_ids",
    )

    def __init__(
        self,
        ids: list[int] | None = None,
        *,
        type_ids: list[int] | None = None,
        tokens: list[str] | None = None,
        offsets: list[tuple[int, int]] | None = None,
        word_ids: list[int | None] | None = None,
        special_tokens_mask: list[int] | None = None,
        attention_mask: list[int] | None = None,
        overflowing: list[Encoding] | None = None,
        sequence_ranges: dict[int, Range] | None = None,
        complete: Callable[[], Encoding] | None = None,
    ) -> None:
        """A column that is not given is that of a text without special tokens."""
        self._ids: list[int] = [] if ids is None else ids
        count = len(self._ids)
        self._type_ids: list[int] = [0] * count if type_ids is None else type_ids
        self._special_tokens_mask: list[int] = (
            [0] * count if special_tokens_mask is None else special_tokens_mask
        )
        self._attention_mask: list[int] = [1] * count if attention_mask is None else attention_mask
        self._complete = complete
        if complete is None:
            self._tokens: list[str] = [""] * count if tokens is None else tokens
            self._offsets: list[tuple[int, int]] = [(0, 0)] * count if offsets is None else offsets
            self._word_ids: list[int | None] = [None] * count if word_ids is None else word_ids
            self._overflowing: list[Encoding] = [] if overflowing is None else overflowing
            self._sequence_ranges: dict[int, Range] = (
                {} if sequence_ranges is None else sequence_ranges
            )

    def _whole(self) -> Encoding:
        """This encoding, after `complete`."""
        complete = self._complete
        if complete is not None:
            whole = complete()
            assert whole.ids == self._ids
            self._tokens = whole.tokens
            self._offsets = whole.offsets
            self._word_ids = whole.word_ids
            self._overflowing = whole.overflowing
            self._sequence_ranges = whole.sequence_ranges
            self._complete = None  # last: another thread may be asking
        return self

    # The columns

    @property
    def ids(self) -> list[int]:
        """Of the vocabulary."""
        return self._ids

    @property
    def type_ids(self) -> list[int]:
        """Which text a token belongs to, as models are told: what the post-processor says."""
        return self._type_ids

    @property
    def attention_mask(self) -> list[int]:
        """0 where a token is padding."""
        return self._attention_mask

    @property
    def special_tokens_mask(self) -> list[int]:
        """1 where the post-processor or the padding put a token."""
        return self._special_tokens_mask

    @property
    def tokens(self) -> list[str]:
        """The spellings; of an added token, what it took from the text."""
        return self._whole()._tokens

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """The code points `[start, end)` of its text that each token came from."""
        return self._whole()._offsets

    @property
    def word_ids(self) -> list[int | None]:
        """The word of its text that each token belongs to; `None` where it came from no text."""
        return self._whole()._word_ids

    @property
    def words(self) -> list[int | None]:
        """`word_ids`, by its old name."""
        warnings.warn(
            "Encoding.words is deprecated, please use Encoding.word_ids instead.",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.word_ids

    @property
    def overflowing(self) -> list[Encoding]:
        """The parts that truncation cut off, and for pairs what they make with each other."""
        return self._whole()._overflowing

    @property
    def sequence_ranges(self) -> dict[int, Range]:
        """The tokens `[start, end)` of each text; empty if all tokens are those of one."""
        return self._whole()._sequence_ranges

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return (
            f"Encoding(num_tokens={len(self)}, attributes=[ids, type_ids, tokens, offsets, "
            "attention_mask, special_tokens_mask, overflowing])"
        )

    def _columns(self) -> tuple[list[Any], ...]:
        """The columns in the order of `_STATE`."""
        return (
            self.ids,
            self.type_ids,
            self.tokens,
            self.word_ids,
            self.offsets,
            self.special_tokens_mask,
            self.attention_mask,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Encoding):
            return NotImplemented
        return (
            self._columns() == other._columns()
            and self.sequence_ranges == other.sequence_ranges
            and self.overflowing == other.overflowing
        )

    # Pickling: the state is what the oracle's is, JSON

    def _to_state(self) -> dict[str, Any]:
        state: dict[str, Any] = dict(zip(_STATE, self._columns(), strict=True))
        state["overflowing"] = [part._to_state() for part in self.overflowing]
        state["sequence_ranges"] = {
            str(sequence): {"start": start, "end": stop}
            for sequence, (start, stop) in self.sequence_ranges.items()
        }
        return state

    @classmethod
    def _from_state(cls, state: dict[str, Any]) -> Encoding:
        return cls(
            state["ids"],
            type_ids=state["type_ids"],
            tokens=state["tokens"],
            word_ids=state["words"],
            offsets=[(start, end) for start, end in state["offsets"]],
            special_tokens_mask=state["special_tokens_mask"],
            attention_mask=state["attention_mask"],
            overflowing=[cls._from_state(part) for part in state["overflowing"]],
            sequence_ranges={
                int(sequence): (tokens["start"], tokens["end"])
                for sequence, tokens in state["sequence_ranges"].items()
            },
        )

    def __getstate__(self) -> bytes:
        return json.dumps(self._to_state(), ensure_ascii=False, separators=(",", ":")).encode()

    def __setstate__(self, state: bytes) -> None:
        self._become(self._from_state(json.loads(state)))

    def __reduce__(self) -> tuple[type[Encoding], tuple[()], bytes]:
        return Encoding, (), self.__getstate__()

    # Changes in place, and the copies they are made of

    def _become(self, other: Encoding) -> None:
        for name in Encoding.__slots__:
            setattr(self, name, getattr(other, name))

    def replaced(
        self,
        *,
        type_ids: list[int] | None = None,
        offsets: list[tuple[int, int]] | None = None,
        overflowing: list[Encoding] | None = None,
        sequence_ranges: dict[int, Range] | None = None,
    ) -> Encoding:
        """One with other columns; the rest are the same lists."""
        return Encoding(
            self._ids,
            type_ids=self._type_ids if type_ids is None else type_ids,
            tokens=self.tokens,
            offsets=self.offsets if offsets is None else offsets,
            word_ids=self.word_ids,
            special_tokens_mask=self._special_tokens_mask,
            attention_mask=self._attention_mask,
            overflowing=self.overflowing if overflowing is None else overflowing,
            sequence_ranges=self.sequence_ranges if sequence_ranges is None else sequence_ranges,
        )

    def of_sequence(self, sequence_id: int) -> Encoding:
        """One whose tokens are all those of the text `sequence_id`, whatever else they are."""
        ranges = {**self.sequence_ranges, sequence_id: (0, len(self))}
        return self.replaced(sequence_ranges=ranges)

    def set_sequence_id(self, sequence_id: int) -> None:
        """Say that all tokens are those of the text `sequence_id`."""
        sequence_id = natural(sequence_id, "sequence_id")
        self._become(self.of_sequence(sequence_id))

    def _part(self, start: int, stop: int) -> Encoding:
        """The tokens `[start, stop)`, without what is known of texts."""
        return Encoding(
            self._ids[start:stop],
            type_ids=self._type_ids[start:stop],
            tokens=self.tokens[start:stop],
            offsets=self.offsets[start:stop],
            word_ids=self.word_ids[start:stop],
            special_tokens_mask=self._special_tokens_mask[start:stop],
            attention_mask=self._attention_mask[start:stop],
        )

    def truncated(self, max_length: int, stride: int = 0, direction: str = "right") -> Encoding:
        """One of at most `max_length` tokens, whose `overflowing` are the others.

        Each part overlaps the one before it by `stride` tokens; `direction` is the end that is
        cut. Raises `EncodingOptionError` if `stride` is no less than `max_length`.
        """
        max_length = natural(max_length, "max_length")
        stride = natural(stride, "stride")
        _direction(direction)
        count = len(self)
        if max_length >= count:
            return self
        if max_length == 0:
            return Encoding(overflowing=[self.replaced()])
        if stride >= max_length:
            raise EncodingOptionError(
                "stride",
                f"less than {max_length}, the tokens that a part may have",
                str(stride),
                "Special tokens have been subtracted from the maximum already.",
            )
        step = max_length - stride
        # the first part that reaches the other end is the last
        starts = range(0, count - stride, step)
        first, *others = (
            self._part(start, min(start + max_length, count))
            if direction == "right"
            else self._part(max(count - start - max_length, 0), count - start)
            for start in starts
        )
        first._overflowing = others
        return first

    def truncate(self, max_length: int, stride: int = 0, direction: str = "right") -> None:
        """`truncated`, in place. What is known of several texts is lost."""
        self._become(self.truncated(max_length, stride, direction))

    def pad(
        self,
        length: int,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
    ) -> None:
        """Fill up to `length` tokens, the overflowing parts too; `direction` is where."""
        _direction(direction)
        missing = length - len(self)
        complete = self._complete
        if complete is not None:  # what is not there yet is padded when it comes

            def complete_padded() -> Encoding:
                whole = complete()
                whole.pad(length, direction, pad_id, pad_type_id, pad_token)
                return whole

            self._complete = complete_padded
        else:
            for part in self._overflowing:
                part.pad(length, direction, pad_id, pad_type_id, pad_token)
        if missing <= 0:
            return

        def padded(values: list[Item], value: Item) -> list[Item]:
            more = [value] * missing
            return values + more if direction == "right" else more + values

        self._ids = padded(self._ids, pad_id)
        self._type_ids = padded(self._type_ids, pad_type_id)
        self._attention_mask = padded(self._attention_mask, 0)
        self._special_tokens_mask = padded(self._special_tokens_mask, 1)
        if complete is not None:
            return
        if direction == "left":
            self._sequence_ranges = {
                sequence: (start + missing, stop + missing)
                for sequence, (start, stop) in self._sequence_ranges.items()
            }
        self._tokens = padded(self._tokens, pad_token)
        self._offsets = padded(self._offsets, (0, 0))
        self._word_ids = padded(self._word_ids, None)

    @staticmethod
    def merge(encodings: Iterable[Encoding], growing_offsets: bool = True) -> Encoding:
        """One after the other as one encoding, and every way to put their parts together.

        `growing_offsets`: each begins where the one before ended, as if their texts had been one.
        """
        merged = Encoding()
        for encoding in encodings:
            merged._append(encoding, growing_offsets)
        return merged

    def _append(self, other: Encoding, growing_offsets: bool) -> None:
        """Put `other` behind. The columns must be this encoding's own lists."""
        overflowing: list[Encoding] = []
        firsts: Sequence[Encoding] = self.overflowing
        seconds: Sequence[Encoding] = other.overflowing
        for first in firsts:
            overflowing += (first._joined(second, growing_offsets) for second in (other, *seconds))
        overflowing += (self._joined(second, growing_offsets) for second in seconds)
        count = len(self)
        ranges = {
            sequence: (count + start, count + stop)
            for sequence, (start, stop) in other.sequence_ranges.items()
        }
        self._sequence_ranges = {**self.sequence_ranges, **ranges}
        shift = self._offsets[-1][1] if growing_offsets and self._offsets else 0
        self._ids += other.ids
        self._type_ids += other.type_ids
        self._tokens += other.tokens
        self._word_ids += other.word_ids
        self._offsets += (
            [(start + shift, end + shift) for start, end in other.offsets]
            if shift
            else other.offsets
        )
        self._special_tokens_mask += other.special_tokens_mask
        self._attention_mask += other.attention_mask
        self._overflowing = overflowing

    def _joined(self, other: Encoding, growing_offsets: bool) -> Encoding:
        joined = self._part(0, len(self))
        joined._overflowing = self._overflowing
        joined._sequence_ranges = self._sequence_ranges
        joined._append(other, growing_offsets)
        return joined

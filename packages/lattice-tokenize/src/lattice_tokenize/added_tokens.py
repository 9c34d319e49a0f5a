"""Text -> stretches of text and the added tokens between them.

Follows `AddedVocabulary` of Hugging Face tokenizers. Tokens with `normalized=False` are looked for
in the text as written; what remains is normalized, and the others are looked for in that, in
their own normalized spelling. At each place the longest token wins, and the search goes on behind
it even if a flag then rejects it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from .aligned_text import AlignedText
from .character_classes import SEPARATORS
from .errors import EncodingOptionError, TextError
from .inputs import checked_text
from .normalizers import Normalizer

__all__ = ["AddedToken", "AddedTokens", "NumberedToken", "read_tokens", "with_ids"]

# White space and word characters (UTS 18) as the oracle's regular expressions define them.
_SPACE_CHARACTERS = SEPARATORS.characters()
_SPACES = re.compile(f"[{re.escape(_SPACE_CHARACTERS)}]*")


@lru_cache(maxsize=4096)
def _is_word_character(character: str) -> bool:
    import regex  # here, because few tokens ask

    return regex.match(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]", character) is not None


@dataclass(frozen=True, repr=False)
class AddedToken:
    """A token that is matched as a whole, before the model sees the text.

    `single_word`: only where no word character touches it. `lstrip`, `rstrip`: takes the white
    space on its left, on its right. `normalized`: matched in the normalized text; where it is not
    given, special tokens are not and others are. `special`: left out by
    `decode(skip_special_tokens=True)`. Raises `EncodingOptionError` for a content that is no `str`
    and for a flag that is no `bool`.

    >>> AddedToken("<mask>", lstrip=True, special=True).normalized
    False
    """

    content: str = ""
    _: KW_ONLY
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool | None = None
    special: bool = False

    def __post_init__(self) -> None:
        if self.normalized is None:
            object.__setattr__(self, "normalized", not self.special)
        if not isinstance(self.content, str):
            raise EncodingOptionError("content", "a str", type(self.content).__name__)
        for name in ("single_word", "lstrip", "rstrip", "normalized", "special"):
            if not isinstance(flag := getattr(self, name), bool):
                raise EncodingOptionError(name, "True or False", repr(flag))

    def __str__(self) -> str:
        return self.content

    def __repr__(self) -> str:
        return (
            f'AddedToken("{self.content}", rstrip={self.rstrip}, lstrip={self.lstrip}, '
            f"single_word={self.single_word}, normalized={self.normalized}, special={self.special})"
        )


class NumberedToken(NamedTuple):
    """An added token of a tokenizer, where it has an id."""

    id: int
    token: AddedToken


class _Match(NamedTuple):
    """`text[start:stop]` is a token, or text between tokens where `found` is None."""

    start: int
    stop: int
    found: NumberedToken | None


class _Scanner:
    """Finds tokens in a text; `spelling` is what each token looks like there."""

    def __init__(
        self, tokens: Iterable[NumberedToken], spelling: Callable[[str], str], ignored: bool
    ) -> None:
        """`ignored`: special tokens are no tokens here, see `Tokenizer.encode_special_tokens`."""
        self._ignored = ignored
        self._by_spelling: dict[str, NumberedToken] = {}
        for numbered in tokens:
            if spelled := spelling(numbered.token.content):
                self._by_spelling.setdefault(spelled, numbered)
        lengths: dict[str, set[int]] = {}
        for spelled in self._by_spelling:
            lengths.setdefault(spelled[0], set()).add(len(spelled))
        # first character of a token -> the lengths to try, longest first
        self._lengths = {first: sorted(some, reverse=True) for first, some in lengths.items()}
        # one class of characters passes over a text without tokens at the speed of C
        firsts = "".join(map(re.escape, self._lengths))
        self._first = re.compile(f"[{firsts}]") if firsts else None

    def may_be_found_in(self, text: str) -> bool:
        """Whether a token could begin somewhere in `text`."""
        return self._first is not None and self._first.search(text) is not None

    def found_in(self, text: str) -> bool:
        """Whether some token is written in `text`, whatever its flags say of that place."""
        return next(self._candidates(text), None) is not None

    def _candidates(self, text: str) -> Iterator[tuple[int, int, NumberedToken]]:
        if not self._first:
            return
        place = 0
        while first := self._first.search(text, place):
            start = first.start()
            place = start + 1
            for length in self._lengths[text[start]]:
                spelled = text[start : start + length]  # shorter where the text ends
                numbered = self._by_spelling.get(spelled)
                if numbered:
                    place = start + len(spelled)
                    yield start, place, numbered
                    break

    def matches(self, text: str) -> Iterator[_Match]:
        """Tokens and what is between them, in order; an empty text is one empty stretch."""
        taken = space_end = 0
        for start, stop, numbered in self._candidates(text):
            token = numbered.token
            if self._ignored and token.special:
                continue
            if token.single_word and (
                (start > 0 and _is_word_character(text[start - 1]))
                or (stop < len(text) and _is_word_character(text[stop]))
            ):
                continue
            if token.lstrip:
                # white space that an earlier token has taken stays with it
                start = taken + len(text[taken:start].rstrip(_SPACE_CHARACTERS))
            if token.rstrip:
                if stop > space_end:  # else it stands in white space that has been measured
                    spaces = _SPACES.match(text, stop)
                    space_end = spaces.end() if spaces else stop
                stop = space_end
            if start >= stop:
                # another token has taken all that this one is made of; the oracle panics if that
                # one went further still
                continue
            if taken < start:
                yield _Match(taken, start, None)
            yield _Match(start, stop, numbered)
            taken = stop
        if taken < len(text) or not text:
            yield _Match(taken, len(text), None)


def _as_written(text: str) -> str:
    return text


class AddedTokens:
    """All added tokens of a tokenizer, with the one scanner that every input goes through.

    >>> mask = NumberedToken(103, AddedToken("[MASK]", normalized=False, special=True))
    >>> tokens = AddedTokens([mask], None)
    >>> [part if isinstance(part, str) else part.id for part in tokens.split("A [MASK] b")]
    ['A ', 103, ' b']
    """

    def __init__(
        self,
        tokens: Iterable[NumberedToken],
        normalizer: Normalizer | None,
        *,
        encode_special_tokens: bool = False,
    ) -> None:
        self.tokens = tuple(tokens)
        self.normalizer = normalizer
        self.encode_special_tokens = encode_special_tokens
        self.vocab = {token.content: token_id for token_id, token in self.tokens}
        special = {token.content for _, token in self.tokens if token.special}
        self.special_contents = frozenset(special)
        normalize = normalizer or _as_written
        # how each is spelled when ids are decoded
        self.spelling_of_id = {
            token_id: normalize(token.content) if token.normalized else token.content
            for token_id, token in self.tokens
        }
        written = [found for found in self.tokens if not found.token.normalized]
        normalized = [found for found in self.tokens if found.token.normalized]
        self._written = _Scanner(written, _as_written, encode_special_tokens)
        self._normalized = _Scanner(normalized, normalize, encode_special_tokens)

    @property
    def normalized_spellings(self) -> list[str]:
        """What is looked for in the normalized text."""
        return [self.spelling_of_id[i] for i, token in self.tokens if token.normalized]

    def may_be_written_in(self, text: str) -> bool:
        """Whether a token may be found in `text` as written; quick to say no."""
        return self._written.may_be_found_in(text)

    def in_normalized(self, text: str) -> bool:
        """Whether a token is written in `text`, which is normalized."""
        return self._normalized.found_in(text)

    def split_written(self, text: str) -> list[str | NumberedToken]:
        """Stretches of `text`, not normalized yet, and the tokens found in it as written."""
        return [
            found or text[start:stop]
            for start, stop, found in self._written.matches(text)
            if found or start < stop
        ]

    def split_normalized(self, text: str) -> list[str | NumberedToken]:
        """Stretches of the normalized form of `text`, and the tokens found in that."""
        text = self.normalizer(text) if self.normalizer else text
        return [
            found or text[start:stop]
            for start, stop, found in self._normalized.matches(text)
            if found or start < stop
        ]

    def split(self, text: str) -> list[str | NumberedToken]:
        """The normalized stretches of `text`, and the added tokens between them."""
        parts: list[str | NumberedToken] = []
        for part in self.split_written(text):
            parts += self.split_normalized(part) if isinstance(part, str) else (part,)
        return parts

    def align(self, text: str) -> Iterator[tuple[AlignedText, NumberedToken | None]]:
        """The same as `split`, with where everything came from: no part is empty."""
        whole = AlignedText.of(text)
        for start, stop, found in self._written.matches(text):
            part = whole.slice(start, stop)
            if found:
                yield part, found
            else:
                yield from self.align_normalized(part)

    def align_normalized(
        self, text: AlignedText
    ) -> Iterator[tuple[AlignedText, NumberedToken | None]]:
        """The same as `split_normalized`, with where everything came from: no part is empty."""
        if self.normalizer:
            text = self.normalizer.align(text)
        for start, stop, found in self._normalized.matches(text.text):
            if start < stop:
                # a slice begins where its first character came from, even if it is the whole
                yield text.slice(start, stop), found


def read_tokens(tokens: object, *, special: bool = False) -> list[AddedToken]:
    """What `Tokenizer.add_tokens` is given, checked; a text has no flags but perhaps `special`.

    >>> read_tokens(["<s>", AddedToken("<m>", lstrip=True)], special=True)[0].special
    True
    """
    if isinstance(tokens, str) or not isinstance(tokens, Iterable):
        received = type(tokens).__name__
        raise TextError("tokens", "a list of str or AddedToken", received, "Write [token].")
    read = []
    for place, token in enumerate(tokens):
        if not isinstance(token, AddedToken):
            token = AddedToken(checked_text(token, f"tokens[{place}]"), special=special)
        checked_text(token.content, f"tokens[{place}]")
        read.append(replace(token, special=True) if special else token)
    return read


def with_ids(
    tokens: Iterable[AddedToken], earlier: Iterable[NumberedToken], vocab: Mapping[str, int]
) -> list[NumberedToken]:
    """`earlier` tokens and `tokens`, each with its id.

    A content that is known keeps its id, with the new flags; any other gets the next free one.
    Tokens without content are left out.
    """
    by_id = dict(earlier)
    id_of = {token.content: token_id for token_id, token in by_id.items()}
    next_id = max([len(vocab), *(token_id + 1 for token_id in by_id)])
    for token in tokens:
        if not token.content:
            continue
        token_id = id_of.get(token.content, vocab.get(token.content))
        if token_id is None:
            token_id = next_id
            next_id += 1
        id_of[token.content] = token_id
        by_id[token_id] = token
    return [NumberedToken(token_id, by_id[token_id]) for token_id in sorted(by_id)]

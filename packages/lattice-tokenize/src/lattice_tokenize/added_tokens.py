"""Text -> stretches of text and the added tokens between them.

Follows `AddedVocabulary` of Hugging Face tokenizers. Tokens with `normalized=False` are looked for
in the text as written; what remains is normalized, and the others are looked for in that, in
their own normalized spelling. At each place the longest token wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from .character_classes import SEPARATORS

__all__ = ["AddedMatch", "AddedToken", "AddedTokens"]

# Word characters (UTS 18) and white space as the oracle's regular expressions define them.
_WORD_CHARACTER = regex.compile(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]")
_SPACES = regex.compile(f"[{SEPARATORS.pattern()}]*")
_SPACE_CHARACTERS = SEPARATORS.characters()


@dataclass(frozen=True)
class AddedToken:
    """A token that is matched as a whole, before the model sees the text.

    `single_word`: only where no word character touches it. `lstrip`, `rstrip`: takes the white
    space on its left, on its right. `normalized`: matched in the normalized text. `special`:
    left out by `decode(skip_special_tokens=True)`.
    """

    content: str
    id: int
    single_word: bool = False
    lstrip: bool = False
    rstrip: bool = False
    normalized: bool = True
    special: bool = False


def _end_of_spaces(text: str, start: int) -> int:
    match = _SPACES.match(text, start)
    return match.end() if match else start


@dataclass(frozen=True)
class AddedMatch:
    """An added token found in a text, and the stretch of text that it took."""

    token: AddedToken
    text: str


class _Scanner:
    """Finds tokens in a text; `spelling` is what each token looks like there."""

    def __init__(self, tokens: Sequence[AddedToken], spelling: Callable[[str], str]) -> None:
        self._by_spelling: dict[str, AddedToken] = {}
        for token in tokens:
            self._by_spelling.setdefault(spelling(token.content), token)
        self._by_spelling.pop("", None)
        longest_first = sorted(self._by_spelling, key=len, reverse=True)
        self._pattern = regex.compile("|".join(map(regex.escape, longest_first)))

    def split(self, text: str) -> Iterator[str | AddedMatch]:
        if not text or not self._by_spelling:
            yield text
            return
        taken = 0
        for match in self._pattern.finditer(text):
            token = self._by_spelling[match.group()]
            start, stop = match.span()
            if token.single_word and (
                (start > 0 and _WORD_CHARACTER.match(text[start - 1]))
                or (stop < len(text) and _WORD_CHARACTER.match(text[stop]))
            ):
                continue
            if token.lstrip:
                # white space that an earlier token has taken stays with it
                start = taken + len(text[taken:start].rstrip(_SPACE_CHARACTERS))
            if token.rstrip:
                stop = _end_of_spaces(text, stop)
            if start > taken:
                yield text[taken:start]
            yield AddedMatch(token, text[start:stop])
            taken = stop
        if taken < len(text):
            yield text[taken:]


class AddedTokens:
    """All added tokens of a tokenizer, with the one scanner that every input goes through.

    >>> tokens = AddedTokens([AddedToken("[MASK]", 103, normalized=False, special=True)], str.lower)
    >>> [part if isinstance(part, str) else part.token.id for part in tokens.split("A [MASK] b")]
    ['a ', 103, ' b']
    """

    def __init__(self, tokens: Iterable[AddedToken], normalize: Callable[[str], str]) -> None:
        self.tokens = tuple(tokens)
        self._normalize = normalize
        self._as_written = _Scanner([t for t in self.tokens if not t.normalized], str)
        self._normalized = _Scanner([t for t in self.tokens if t.normalized], normalize)

    def split(self, text: str) -> Iterator[str | AddedMatch]:
        """The normalized stretches of `text`, and the added tokens between them."""
        for part in self._as_written.split(text):
            if isinstance(part, AddedMatch):
                yield part
            else:
                yield from self._normalized.split(self._normalize(part))

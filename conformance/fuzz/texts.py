r"""A seed and the pieces of a tokenizer -> texts that it may get wrong, the same everywhere.

    TextMaker(seed, pieces=..., added=...).text() -> GeneratedText(text, tag)

`tag` is one of cases/tags.toml: what the text is about, for the case that it may become. Most texts
are short, some have thousands of characters, and the empty one is among them. There is no lone
surrogate: those are hostile (`conformance/hostile`), not text.

Only `random.Random` and the ranges of `characters.py` decide: nothing that changes with the Python.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

from . import kinds_of_text as kinds
from .characters import MARKS, SPACES, character_of_a_script, picked
from .kinds_of_text import SWAP, WORDS, GeneratedText, some
from .pieces import bare, bytes_as_text, is_text

__all__ = ["GeneratedText", "TextMaker", "of_document"]

_PUNCTUATION = tuple("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¿¡«»„“”‘’…–—·•、。，！？「」·؟،।॥።")
_NEIGHBOURS = (
    "", "", " ", "  ", "\t", "\n", "\r\n", "\xa0", "\u3000", "\u2581", "\u0120", "a", "Z", "9", "_",
    "é", "e\u0301", "\u0301", "か", "漢", ".", ",", "-", "(", ")", "'", "<", ">",
    "[", "]", "|", "\u200b",
    "\u200d", "\ufeff", "\x00", "\U0001f600", "##", "@@", "</w>",
)  # fmt: skip
_LONG = 0.002  # of all texts, those of thousands of characters
_WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000})
_FOLDS = str.maketrans({"s": "\u017f", "k": "\u212a", "i": "\u0131", "I": "\u0130", "S": "ß"})
# from here on Unicode still gets characters that a newer Python would decompose
_NEWER = "\U00010000"


def of_document(seed: int, document: Mapping[str, Any]) -> TextMaker:
    """A maker for the tokenizer that a parsed tokenizer.json describes."""
    vocab = document["model"].get("vocab") or {}
    pieces = [str(v[0]) for v in vocab] if isinstance(vocab, list) else list(vocab)
    added = [token["content"] for token in document.get("added_tokens") or []]
    return TextMaker(seed, pieces=pieces, added=added)


class TextMaker:
    """Makes texts, one after the other; the same for the same seed, pieces and added tokens.

    >>> makers = [TextMaker(7, pieces=["ab", "##c"], added=["<x>"]) for _ in range(2)]
    >>> [makers[0].text() for _ in range(99)] == [makers[1].text() for _ in range(99)]
    True
    """

    def __init__(self, seed: int, *, pieces: Sequence[str], added: Sequence[str]) -> None:
        self.random = Random(seed)
        # a piece that JSON escaped as a lone surrogate is not text
        self._pieces = tuple(p for p in pieces if is_text(p)) or ("a",)
        self._added = tuple(t for t in added if is_text(t)) or ("<unk>",)
        of_shares = [kind for kind, share in self._shares() for _ in range(share)]
        self._kinds: tuple[Callable[[], GeneratedText], ...] = tuple(of_shares)

    def _shares(self) -> Iterable[tuple[Callable[[], GeneratedText], int]]:
        """How often each kind comes, of about a hundred."""
        return (
            (partial(kinds.empty_or_one, self.random), 3),
            (partial(kinds.any_unicode, self.random), 7),
            (partial(kinds.scripts, self.random), 8),
            (partial(kinds.emoji, self.random), 4),
            (partial(kinds.right_to_left, self.random), 4),
            (partial(kinds.stacks, self.random), 5),
            (partial(kinds.controls, self.random), 4),
            (partial(kinds.spaces, self.random), 9),
            (partial(kinds.contractions, self.random), 6),
            (self._repeats, 4),
            (self._glued_pieces, 14),
            (self._added_tokens, 11),
            (partial(kinds.metaspaces, self.random), 4),
            (partial(kinds.code, self.random), 5),
            (partial(kinds.numbers, self.random), 4),
            (partial(kinds.spellings_mixed, self.random), 7),
            (partial(kinds.sentence, self.random), 8),
            (partial(kinds.bent_sentence, self.random), 10),
            (self._mixture, 6),
        )

    def text(self) -> GeneratedText:
        """The next text."""
        if self.random.random() < _LONG:
            return self._long()
        return self.random.choice(self._kinds)()

    def words(self) -> list[str]:
        """The next text, already cut into words; a word may be empty or hold spaces."""
        text = self.text().text
        words = text.split(" ")
        return words if self.random.random() < 0.8 else [*words, "", self.text().text][-9:]

    def _repeats(self) -> GeneratedText:
        random = self.random
        unit = random.choice((
            character_of_a_script(random), random.choice(WORDS), random.choice(self._pieces),
            picked(random, _PUNCTUATION, 2), random.choice(SPACES),
            random.choice(MARKS), "ab ", "\u2581",
        ))  # fmt: skip
        return GeneratedText(unit * some(random, 300 if len(unit) < 4 else 40), "repeat")

    def _glued_pieces(self) -> GeneratedText:
        random, parts = self.random, []
        for _ in range(some(random, 9)):
            piece = random.choice(self._pieces)
            way = random.random()
            if way < 0.35:
                piece = bare(piece)
            elif way < 0.5:
                piece = bare(piece) + random.choice((" ", "\n", ".", "'"))
            elif way < 0.6:
                piece = bytes_as_text(piece)
            elif way < 0.65:
                piece = piece.translate(SWAP)
            parts.append(piece)
            if random.random() < 0.35:
                parts.append(" ")
        return GeneratedText("".join(parts), "subword")

    def _added_tokens(self) -> GeneratedText:
        random, parts = self.random, []
        for _ in range(some(random, 5)):
            token, way = random.choice(self._added), random.random()
            if way < 0.08:
                token = token.translate(SWAP)
            elif way < 0.12:
                token = token.translate(_WIDE)
            elif way < 0.15:
                token = token.translate(_FOLDS)
            elif way < 0.20 and token:
                at = random.randrange(len(token))
                token = token[:at] + random.choice(_NEIGHBOURS) + token[at:]
            elif way < 0.24:
                token = token[random.randrange(2) : len(token) - random.randrange(2)]
            elif way < 0.28 and max(token, default="") < _NEWER:
                token = unicodedata.normalize("NFD" if random.random() < 0.5 else "NFC", token)
            parts += [random.choice(_NEIGHBOURS), token, random.choice(_NEIGHBOURS)]
            if random.random() < 0.4:
                parts.append(random.choice(WORDS))
        return GeneratedText("".join(parts), "added-tokens")

    def _mixture(self) -> GeneratedText:
        parts = [self.random.choice(self._kinds)() for _ in range(self.random.randrange(2, 5))]
        joint = self.random.choice(("", "", " ", "\n"))
        return GeneratedText(joint.join(part.text[:60] for part in parts), parts[0].tag)

    def _long(self) -> GeneratedText:
        parts, length, wanted = [], 0, 1000 + self.random.randrange(3000)
        while length < wanted:
            part = self.random.choice(self._kinds)().text
            parts.append(part)
            length += len(part) + 1
        return GeneratedText(self.random.choice((" ", "", "\n")).join(parts), "length")

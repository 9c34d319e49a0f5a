"""A text on its way through normalization, and where each of its characters came from.

Follows `NormalizedString` of Hugging Face tokenizers, which counts bytes; here everything counts
code points. Texts are values: each step makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["AlignedText"]


@dataclass(frozen=True)
class AlignedText:
    """`text`, whose character `i` came from `[starts[i], ends[i])` of the original.

    `origin` is where this stretch begins in the original: 0 for a whole text, even if its first
    characters have been dropped since.

    >>> folded = AlignedText.of("aß").transformed([("a", 0), ("s", 0), ("s", 1)])
    >>> folded.text, folded.starts, folded.ends
    ('ass', [0, 1, 1], [1, 2, 2])
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    origin: int = 0

    @classmethod
    def of(cls, text: str) -> AlignedText:
        """An original, each character of which comes from itself."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def __len__(self) -> int:
        return len(self.text)

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Where `text[start:stop]`, which must not be empty, came from."""
        return self.starts[start], self.ends[stop - 1]

    def slice(self, start: int, stop: int) -> AlignedText:
        """`text[start:stop]` as a stretch of its own."""
        if start >= stop:
            return AlignedText("", (), (), self.origin)
        text = self.text[start:stop]
        return AlignedText(text, self.starts[start:stop], self.ends[start:stop], self.starts[start])

    def mapped(self, text: str) -> AlignedText:
        """Every character replaced by the one in the same place of `text`."""
        return AlignedText(text, self.starts, self.ends, self.origin)

    def kept(self, indices: Sequence[int]) -> AlignedText:
        """Only the characters at `indices`, which ascend."""
        if len(indices) == len(self.text):
            return self
        return AlignedText(
            "".join([self.text[i] for i in indices]),
            [self.starts[i] for i in indices],
            [self.ends[i] for i in indices],
            self.origin,
        )

    def dropped(self, table: Mapping[int, str]) -> AlignedText:
        """Without the characters for which `table`, which changes no others, has nothing."""
        if len(self.text.translate(table)) == len(self):
            return self
        return self.kept([i for i, character in enumerate(self.text) if table[ord(character)]])

    def transformed(
        self, changes: Iterable[tuple[str, int]], initial_removed: int = 0
    ) -> AlignedText:
        """The characters of `changes` instead of the old ones.

        With each comes a number: 0, it stands for the next old character; -k, for the next one,
        and the k after it are dropped; 1, it is new and comes from where the one before came from.
        `initial_removed` old characters are dropped first.
        """
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        old = initial_removed
        for character, change in changes:
            if change > 0:
                start, end = (
                    (self.starts[old - 1], self.ends[old - 1])
                    if old
                    else (self.origin, self.origin)
                )
            else:
                start, end = self.starts[old], self.ends[old]
                old += 1 - change
            characters.append(character)
            starts.append(start)
            ends.append(end)
        return AlignedText("".join(characters), starts, ends, self.origin)

    def replaced_all(self, spans: Iterable[tuple[int, int]], content: str) -> AlignedText:
        """`content` instead of each of `spans`, which ascend and do not overlap.

        It comes from where the last character that it replaces came from.
        """
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, stop in spans:
            characters += (self.text[done:start], content)
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            came_from = (
                (self.starts[stop - 1], self.ends[stop - 1]) if stop else (self.origin, self.origin)
            )
            starts += [came_from[0]] * len(content)
            ends += [came_from[1]] * len(content)
            done = stop
        if not done and not characters:
            return self
        characters.append(self.text[done:])
        starts += self.starts[done:]
        ends += self.ends[done:]
        return AlignedText("".join(characters), starts, ends, self.origin)

    def prepended(self, content: str) -> AlignedText:
        """`content` before the text; it comes from where the first character came from."""
        if not self.text or not content:
            return self
        return AlignedText(
            content + self.text,
            [self.starts[0]] * len(content) + list(self.starts),
            [self.ends[0]] * len(content) + list(self.ends),
            self.origin,
        )

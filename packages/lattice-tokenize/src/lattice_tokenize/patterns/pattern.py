r"""A pattern of `tokenizer.json` -> where it matches in a text.

`{"String": ".."}` stands for itself, `{"Regex": ".."}` is an expression for Oniguruma. Follows
`SysRegex` and `find_matches` of Hugging Face tokenizers and the iterator of the `onig` crate: after
an empty match in the place where the last match ended, the search goes on one character later.
On purpose, a text on which a pattern takes too long is an error here and a panic there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import TokenizerFileError, UnsupportedComponentError
from .engine import PatternEngine
from .neighbours import Cuts
from .syntax import parse_pattern
from .tree import Node, Repeat, parts_of

__all__ = ["Pattern"]


# those of published tokenizers have some hundred, and what is repeated counts as often as it can
_MAX_SIZE = 20_000


def _size(node: Node) -> int:
    """The parts of an expression, written out without repetitions."""
    times = (node.most or node.least or 1) if isinstance(node, Repeat) else 1
    return 1 + times * sum(map(_size, parts_of(node)))


@dataclass(frozen=True)
class Pattern:
    r"""A string or an expression to look for; offsets are in code points.

    >>> pattern = Pattern.from_json({"Regex": r"\p{Lu}|\s+"}, "pattern")
    >>> list(pattern.spans("an Éclair"))
    [(2, 3), (3, 4)]
    >>> pattern.pieces("an Éclair")
    ['an', ' ', 'É', 'clair']
    """

    kind: Literal["String", "Regex"]
    content: str
    path: str = field(default="pattern", compare=False, repr=False)

    def __post_init__(self) -> None:
        self._engine  # noqa: B018 -- a pattern that cannot be matched is refused at once

    @classmethod
    def from_json(cls, value: object, path: str) -> Pattern:
        """The pattern at `path` of the file.

        Raises `TokenizerFileError` for what the oracle refuses too, `UnsupportedComponentError`
        for constructs of Oniguruma that are not supported.
        """
        expected = '{"String": ".."} or {"Regex": ".."}'
        if not isinstance(value, dict) or len(value) != 1:
            raise TokenizerFileError(path, expected, repr(value)[:60])
        ((kind, content),) = value.items()
        if kind not in ("String", "Regex") or not isinstance(content, str):
            raise TokenizerFileError(path, expected, repr(value)[:60])
        return cls(kind, content, f"{path}.{kind}")

    def to_json(self) -> dict[str, str]:
        return {self.kind: self.content}

    @cached_property
    def _engine(self) -> PatternEngine | None:
        if self.kind == "String":
            return None
        self._refuse(len(self.content))
        tree = parse_pattern(self.content, self.path)
        self._refuse(_size(tree))
        return PatternEngine(tree)

    def cuts(self) -> tuple[npt.NDArray[np.integer[Any]], Cuts] | None:
        """See `PatternEngine.cuts`."""
        return self._engine.cuts() if self._engine else None

    def _refuse(self, size: int) -> None:
        if size > _MAX_SIZE:
            raise UnsupportedComponentError(
                self.path, f"an expression of at most {_MAX_SIZE} parts", f"one of {size}"
            )

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The matches, which ascend and do not overlap; some may be empty."""
        if self._engine is not None:
            yield from self._engine.spans(text)
        elif not self.content:
            yield from ((at, at) for at in range(len(text) + 1 if text else 0))
        else:
            at = text.find(self.content)
            while at >= 0:
                end = at + len(self.content)
                yield at, end
                at = text.find(self.content, end)

    def piece_lengths(self, text: str) -> list[int]:
        """The lengths of `pieces`, which take less time than the pieces themselves."""
        if self._engine is not None:
            return self._engine.piece_lengths(text)
        return list(map(len, self.pieces(text)))

    def pieces(self, text: str) -> list[str]:
        """The text cut at both ends of every match, without empty pieces."""
        if self._engine is not None:
            return self._engine.pieces(text)
        pieces: list[str] = []
        done = 0
        for start, end in self.spans(text):
            pieces += (text[done:start], text[start:end])
            done = end
        pieces.append(text[done:])
        return [piece for piece in pieces if piece]

"""Parts of a pattern under `(?i)` -> the same parts, with all that they take then.

Most characters fold to one; some, as ß, are several: `(?i)ss` takes ß, and `(?i)ß` takes "ss".
Oniguruma looks for such sequences in letters that were written side by side, the longest first,
and never inside a look-behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from .characters import PatternText
from .classes import FOLD_SEQUENCES, folded
from .code_points import CodePoints
from .tree import Choice, Letter, Node, Run, Set

__all__ = ["fold_letters", "fold_set"]


def _set(character: str) -> Set:
    return Set(folded(CodePoints.of(character)))


def _sequence(characters: str) -> Run:
    return Run(tuple(_set(character) for character in characters))


def fold_letters(parts: Sequence[Node], text: PatternText, *, behind: bool) -> list[Node]:
    """The parts with every `Letter` folded."""
    done: list[Node] = []
    at = 0
    while at < len(parts):
        letters = ""
        for part in parts[at : at + 3]:
            if not isinstance(part, Letter):
                break
            letters += part.character
        taken, node = _folded_start(letters) if letters else (1, parts[at])
        if behind and isinstance(node, Choice) and letters:
            if letters[0] in FOLD_SEQUENCES:
                raise text.unsupported("case folding to several characters in a look-behind")
            taken, node = 1, _set(letters[0])
        done.append(node)
        at += taken
    return done


def _folded_start(letters: str) -> tuple[int, Node]:
    """How many of the letters are folded together, and to what."""
    if letters[0] in FOLD_SEQUENCES:
        return 1, Choice((_set(letters[0]), _sequence(FOLD_SEQUENCES[letters[0]])))
    for length in (3, 2):
        if len(letters) < length:
            continue
        sets = [folded(CodePoints.of(letter)) for letter in letters[:length]]
        ligatures = [
            ligature
            for ligature, sequence in FOLD_SEQUENCES.items()
            if len(sequence) == length
            and all(ord(c) in points for c, points in zip(sequence, sets, strict=True))
        ]
        if ligatures:
            return length, Choice(
                (Set(folded(CodePoints.of(ligatures))), _sequence(letters[:length]))
            )
    return 1, _set(letters[0])


def fold_set(bracket: tuple[CodePoints, bool], ignore_case: bool) -> tuple[CodePoints, list[Node]]:
    """A class in brackets as it matches, and the sequences that it takes besides."""
    points, negated = bracket
    sequences: list[Node] = []
    if ignore_case:
        if not negated:
            sequences = [
                _sequence(sequence)
                for character, sequence in FOLD_SEQUENCES.items()
                if ord(character) in points
            ]
        points = folded(points)
    return (~points if negated else points), sequences

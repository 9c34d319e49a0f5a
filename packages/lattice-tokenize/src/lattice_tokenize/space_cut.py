"""Where a text may be cut at its spaces before anything else happens to it.

The words of a text come again and again, so `batch_ids` remembers the ids of what stands between
two spaces. That is only right where the stages give the same ids for the parts as for the whole.
Here stands for which stages this has been shown, and for which parts:

"drop": the pre-tokenizer cuts at every white space and drops it. Normalizers look at one character,
or at one with the marks behind it, and a space keeps away from its neighbours in all of them.

"keep": the pre-tokenizer cuts before a single space between two characters that are no white space,
and the space stays with what follows, as in GPT-2: no match of such a pattern has a space behind
another kind of character. A part is safe if both its ends are no white space, also once normalized.

In both, a grapheme may reach over the space where the normalizer works on graphemes: such parts are
not safe either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from .normalizers import Normalizer
from .pre_tokenizers import PreTokenizer

if TYPE_CHECKING:
    from . import normalizers, pre_tokenizers

__all__ = ["SpaceCut", "space_cut", "split_steps"]

_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
# Every alternative has a space only as its first character, or among other white space.
_PATTERNS_THAT_KEEP = frozenset(
    {
        # GPT-2 and its many descendants
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        # cl100k, Llama 3
        rf"{_WORDS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{_REST}",
        # Qwen 2 and 3
        rf"{_WORDS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{_REST}",
        # o200k
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_WORDS}?"
        rf"|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_WORDS}?"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    }
)
_LOCAL_NORMALIZERS = frozenset(
    ("BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Precompiled")
)
_DROP_SPACES = frozenset(("BertPreTokenizer", "WhitespaceSplit", "Whitespace"))


# A space that "keep" cuts before. What `re` calls white space holds all that the oracle does.
_LONE_SPACE = re.compile(r"(?<=\S) (?=\S)")


@dataclass(frozen=True)
class SpaceCut:
    """How to cut, and the tests of whether a part may stand alone."""

    spaces: Literal["drop", "keep"]
    reaches_over: Callable[[str], bool] | None
    blanks: str = ""  # what else is as good as a space

    def parts(self, text: str) -> list[str]:
        """What `text` is cut into; where spaces are kept, the first part is marked with one.

        >>> SpaceCut("drop", None).parts("a  b")
        ['a', '', 'b']
        >>> SpaceCut("keep", None).parts("a b  c")
        [' a', 'b  c']
        """
        if self.spaces == "drop":
            if "\r" not in text:  # which with a line feed is one grapheme
                for blank in self.blanks:
                    text = text.replace(blank, " ")
            return text.split(" ")
        parts = text.split()
        if " ".join(parts) != text:
            parts = _LONE_SPACE.split(text)
        if parts:
            parts[0] = f" {parts[0]}"
        return parts

    def text(self, part: str) -> str:
        """The text of a part: where spaces are kept, one that is not the first has its own."""
        if self.spaces == "drop":
            return part
        return part[1:] if part.startswith(" ") else f" {part}"

    def still_safe(self, text: str, normalized: str) -> bool:
        """Whether a part still has no white space next to the spaces around it."""
        if self.spaces == "drop":
            return True
        if not normalized or normalized[-1].isspace() != text[-1].isspace():
            return False
        if text[0] != " ":  # the first part, or white space that nothing stands before
            return True
        return normalized[0] == " " and normalized[1:2].isspace() == text[1:2].isspace()


def _kind(component: object) -> str:
    # by name: what a tokenizer does not have need not be imported
    return type(component).__name__


def _flat_normalizers(normalizer: Normalizer | None) -> list[Normalizer]:
    if normalizer is None:
        return []
    if _kind(normalizer) == "Sequence":
        parts = cast("normalizers.Sequence", normalizer).normalizers
        return [part for inner in parts for part in _flat_normalizers(inner)]
    return [normalizer]


def _flat_pre_tokenizers(pre_tokenizer: PreTokenizer) -> list[PreTokenizer]:
    if _kind(pre_tokenizer) == "Sequence":
        parts = cast("pre_tokenizers.Sequence", pre_tokenizer).pretokenizers
        return [part for inner in parts for part in _flat_pre_tokenizers(inner)]
    return [pre_tokenizer]


def space_cut(normalizer: Normalizer | None, pre_tokenizer: PreTokenizer | None) -> SpaceCut | None:
    """How texts may be cut before these stages, or `None` where nothing has been shown."""
    if pre_tokenizer is None:
        return None
    parts = _flat_normalizers(normalizer)
    if any(_kind(part) not in _LOCAL_NORMALIZERS for part in parts):
        return None
    steps = _flat_pre_tokenizers(pre_tokenizer)
    if not steps or pre_tokenizer.elsewhere is not pre_tokenizer:
        return None  # or it matters to the first word that it is the first
    precompiled = next((part for part in parts if _kind(part) == "Precompiled"), None)
    reaches_over = (
        cast("normalizers.Precompiled", precompiled).reaches_over if precompiled else None
    )
    if _kind(steps[0]) in _DROP_SPACES:
        normalize = normalizer or _as_it_is
        blanks = [blank for blank in "\n\t" if normalize(blank) in (blank, " ")]
        return SpaceCut("drop", reaches_over, "".join(blanks))
    # digits set apart first change nothing of what the next step does at a space
    step = next((part for part in steps if _kind(part) != "Digits"), None)
    return SpaceCut("keep", reaches_over) if step and _keeps_spaces(step) else None


def _keeps_spaces(step: PreTokenizer) -> bool:
    kind = _kind(step)
    if kind == "Split":
        split = cast("pre_tokenizers.Split", step)
        known = split.pattern.kind == "Regex" and split.pattern.content in _PATTERNS_THAT_KEEP
        return known and split.behavior == "Isolated" and not split.invert
    if kind == "ByteLevel":
        return cast("pre_tokenizers.ByteLevel", step).use_regex
    if kind == "Metaspace":
        metaspace = cast("pre_tokenizers.Metaspace", step)
        return metaspace.split and metaspace.prepend_scheme == "always"
    return False


def split_steps(
    pre_tokenizer: PreTokenizer | None,
) -> tuple[Callable[[str], list[str]], PreTokenizer | None]:
    """The first step of a pre-tokenizer, and the rest of them, which sees one word at a time.

    What comes out of the first step is what can be remembered: the rest depends on nothing else.
    """
    if pre_tokenizer is None:
        return _one_word, None
    steps = _flat_pre_tokenizers(pre_tokenizer)
    if steps and _kind(steps[0]) == "ByteLevel":
        steps = [*cast("pre_tokenizers.ByteLevel", steps[0]).steps(), *steps[1:]]
    if len(steps) < 2 or pre_tokenizer.elsewhere is not pre_tokenizer:
        return pre_tokenizer, None
    if len(steps) == 2:
        return steps[0], steps[1]
    from .pre_tokenizers.sequence import Sequence

    return steps[0], Sequence(tuple(steps[1:]))


def _as_it_is(text: str) -> str:
    return text


def _one_word(text: str) -> list[str]:
    return [text] if text else []

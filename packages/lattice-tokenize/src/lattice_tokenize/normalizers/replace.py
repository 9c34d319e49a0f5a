"""Text -> text in which every match of a pattern is replaced by a string.

Follows `Replace` of Hugging Face tokenizers: the content is written as it stands (no groups), an
empty match is replaced too, and a pattern in a string is taken literally.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..aligned_text import AlignedText
from ..patterns.pattern import Pattern
from .normalizer import Normalizer

__all__ = ["Replace"]


@dataclass(frozen=True)
class Replace(Normalizer):
    """Writes `content` instead of what `pattern` matches.

    >>> Replace(Pattern.from_json({"Regex": " +"}, "pattern"), "▁")("a   b c")
    'a▁b▁c'
    """

    pattern: Pattern = field(metadata={"read": Pattern.from_json})
    content: str

    def __call__(self, text: str) -> str:
        if self.pattern.kind == "String":
            # an empty string is found at both ends of every character, but not in an empty text
            return text and text.replace(self.pattern.content, self.content)
        parts: list[str] = []
        done = 0
        for start, stop in self.pattern.spans(text):
            parts += (text[done:start], self.content)
            done = stop
        parts.append(text[done:])
        return "".join(parts)

    def align(self, text: AlignedText) -> AlignedText:
        """The same; content comes from where the character before its end came from."""
        return text.replaced_all(self.pattern.spans(text.text), self.content)

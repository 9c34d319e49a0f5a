"""Tokens with `▁` for spaces -> tokens with spaces.

Follows the decoder `Metaspace` of Hugging Face tokenizers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..component import required
from ..errors import TokenizerFileError
from .decoder import Decoder, read_character

__all__ = ["Metaspace", "without_old_fields"]


@dataclass(frozen=True)
class Metaspace(Decoder):
    """Where spaces are prepended to texts, all of the first token's are taken for such.

    >>> Metaspace().decode(["▁Hello", "▁wor", "ld"])
    'Hello world'
    """

    replacement: str = required("▁", read=read_character)
    prepend_scheme: Literal["first", "never", "always"] = "always"
    split: bool = True

    def decode_chain(self, tokens: list[str]) -> list[str]:
        first = " " if self.prepend_scheme == "never" else ""
        return [token.replace(self.replacement, first) for token in tokens[:1]] + [
            token.replace(self.replacement, " ") for token in tokens[1:]
        ]


def without_old_fields(value: object, path: str) -> object:
    """The object of `tokenizer.json` as it is written today.

    `add_prefix_space` was the field before `prepend_scheme`; `str_rep` repeated `replacement`.
    """
    if not isinstance(value, dict):
        return value
    add_prefix_space = value.get("add_prefix_space")
    if add_prefix_space is False and value.get("prepend_scheme", "always") != "never":
        # the oracle does not read such a file either
        raise TokenizerFileError(
            f"{path}.prepend_scheme",
            "'never', as add_prefix_space is false",
            repr(value.get("prepend_scheme", "nothing")),
        )
    if add_prefix_space is not None and not isinstance(add_prefix_space, bool):
        raise TokenizerFileError(f"{path}.add_prefix_space", "a boolean", repr(add_prefix_space))
    current = {k: v for k, v in value.items() if k not in ("add_prefix_space", "str_rep")}
    if current.get("split", ...) is None:
        del current["split"]  # null is its default
    return current

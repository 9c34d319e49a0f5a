"""Encodings of one or two texts -> the sequence that the model was trained on."""

from __future__ import annotations

from typing import cast

from ..component import read_component
from .bert import BertProcessing
from .byte_level import ByteLevel
from .ids_template import FixedTokens, IdsTemplate, TextPlace, ids_template
from .post_processor import PostProcessor, join_default
from .roberta import RobertaProcessing
from .sequence import Sequence
from .template import TemplateProcessing, read_template_processing

__all__ = [
    "BertProcessing",
    "ByteLevel",
    "FixedTokens",
    "IdsTemplate",
    "PostProcessor",
    "RobertaProcessing",
    "Sequence",
    "TemplateProcessing",
    "TextPlace",
    "ids_template",
    "join_default",
    "read_post_processor",
]

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing)
}


def read_post_processor(value: object, path: str) -> PostProcessor | None:
    """The post-processor at `path` of `tokenizer.json`, or `None`.

    >>> read_post_processor({"type": "BertProcessing", "sep": ["!", 2], "cls": ["?", 1]}, "here")
    BertProcessing(sep=('!', 2), cls=('?', 1))
    """
    if value is None:
        return None
    if isinstance(value, dict) and value.get("type") == TemplateProcessing.__name__:
        return read_template_processing(value, path)
    return cast(PostProcessor, read_component(value, path, _KINDS))

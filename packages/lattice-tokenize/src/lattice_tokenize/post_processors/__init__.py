"""Encodings of one or two texts -> the sequence that the model was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..component import read_component
from ..kinds import Kinds
from .ids_template import FixedTokens, IdsTemplate, TextPlace, ids_template
from .post_processor import PostProcessor, join_default
from .template import TemplateProcessing, read_template_processing

if TYPE_CHECKING:
    from .bert import BertProcessing
    from .byte_level import ByteLevel
    from .roberta import RobertaProcessing
    from .sequence import Sequence

__all__ = [
    "POST_PROCESSORS",
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

POST_PROCESSORS = Kinds(
    __name__,
    {
        "BertProcessing": "bert",
        "ByteLevel": "byte_level",
        "RobertaProcessing": "roberta",
        "Sequence": "sequence",
        "TemplateProcessing": "template",
    },
)


def __getattr__(name: str) -> type:
    return POST_PROCESSORS.attribute(name)


def read_post_processor(value: object, path: str) -> PostProcessor | None:
    """The post-processor at `path` of `tokenizer.json`, or `None`.

    >>> read_post_processor({"type": "BertProcessing", "sep": ["!", 2], "cls": ["?", 1]}, "here")
    BertProcessing(sep=('!', 2), cls=('?', 1))
    """
    if value is None:
        return None
    if isinstance(value, dict) and value.get("type") == TemplateProcessing.__name__:
        return read_template_processing(value, path)
    return cast(PostProcessor, read_component(value, path, POST_PROCESSORS))

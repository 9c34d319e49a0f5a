"""A `SentencePieceModel` and the class of transformers that uses it -> the document of that class.

Follows transformers 5, whose classes differ from the sentencepiece library and from one another:
they put special tokens before or after the pieces, split at white space first, leave out settings
of the model (whether white space is folded, user-defined pieces within words), and find control
tokens in text. A class that is not in `SENTENCEPIECE_CLASSES` is an error, as its ids could only
be guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import UnsupportedComponentError
from .sentencepiece_bpe import gemma_document, llama_document
from .sentencepiece_model import SentencePieceModel
from .sentencepiece_unigram import (
    albert_document,
    camembert_document,
    t5_document,
    xlm_roberta_document,
)
from .tokenizer_config import TokenizerConfig

__all__ = ["SENTENCEPIECE_CLASSES", "sentencepiece_class_document"]

JsonObject = dict[str, Any]

#: The classes of transformers that are known here, and what makes their documents.
SENTENCEPIECE_CLASSES: dict[str, Callable[[SentencePieceModel, TokenizerConfig], JsonObject]] = {
    "XLMRobertaTokenizer": xlm_roberta_document,
    "CamembertTokenizer": camembert_document,
    "T5Tokenizer": t5_document,
    "AlbertTokenizer": albert_document,
    "LlamaTokenizer": llama_document,
    "GemmaTokenizer": gemma_document,
}


def sentencepiece_class_document(model: SentencePieceModel, config: TokenizerConfig) -> JsonObject:
    """The document that `config.tokenizer_class` makes of `model`.

    Raises `UnsupportedComponentError` for another class, and `TokenizerFileError` for a model that
    the class cannot have.
    """
    kind = config.tokenizer_class
    if kind not in SENTENCEPIECE_CLASSES:
        raise UnsupportedComponentError(
            f"{config.where}: tokenizer_class",
            f"one of {', '.join(SENTENCEPIECE_CLASSES)}, or none for the ids of sentencepiece",
            repr(kind),
            "Make the tokenizer.json: load the tokenizer with transformers.AutoTokenizer and call "
            "save_pretrained.",
        )
    return SENTENCEPIECE_CLASSES[kind](model, config)

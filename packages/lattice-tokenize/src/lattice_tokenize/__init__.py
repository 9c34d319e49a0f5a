"""Text to token ids, exactly like Hugging Face tokenizers."""

from .added_tokens import AddedToken
from .decode_stream import DecodeStream
from .encoding import Encoding
from .errors import (
    EncodingOptionError,
    TextError,
    TokenizeError,
    TokenizerFileError,
    UnsupportedComponentError,
)
from .packed_ids import PackedIds
from .tokenizer import Tokenizer

__all__ = [
    "AddedToken",
    "DecodeStream",
    "Encoding",
    "EncodingOptionError",
    "PackedIds",
    "TextError",
    "TokenizeError",
    "Tokenizer",
    "TokenizerFileError",
    "UnsupportedComponentError",
    "__version__",
]

__version__ = "0.2.0"

"""A model directory -> the document of its tokenizer, whatever files describe it.

tokenizer.json is the document itself and is preferred. Without it, the class of the tokenizer
(tokenizer_config.json, else config.json) says what vocab.txt, vocab.json with merges.txt, or a
SentencePiece model stands for, as in transformers 5; where no file names a class, vocab.txt is
BERT's, and a SentencePiece model gives the ids of the sentencepiece library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import TokenizerFileError, UnsupportedComponentError
from .gpt2_files import BYTE_LEVEL_CLASSES, byte_level_document, read_merges, read_vocab_json
from .sentencepiece_classes import SENTENCEPIECE_CLASSES, sentencepiece_class_document
from .sentencepiece_document import sentencepiece_document
from .sentencepiece_model import read_sentencepiece_model
from .text_file import read_json_object
from .tokenizer_config import TokenizerConfig, read_tokenizer_config
from .vocab_txt import WORDPIECE_CLASSES, read_vocab_txt, wordpiece_document

__all__ = ["read_directory"]

_SENTENCEPIECE_NAMES = (
    "sentencepiece.bpe.model",
    "spiece.model",
    "tokenizer.model",
    "spm.model",
    "sentencepiece.model",
)
# what AutoTokenizer takes where only config.json tells, and that only by the kind of model
_CLASS_OF_MODEL_TYPE = {
    "albert": "AlbertTokenizer",
    "bart": "BartTokenizer",
    "bert": "BertTokenizer",
    "camembert": "CamembertTokenizer",
    "clip": "CLIPTokenizer",
    "distilbert": "DistilBertTokenizer",
    "electra": "ElectraTokenizer",
    "gemma": "GemmaTokenizer",
    "gemma2": "GemmaTokenizer",
    "gemma3_text": "GemmaTokenizer",
    "gpt2": "GPT2Tokenizer",
    "longformer": "LongformerTokenizer",
    "mobilebert": "MobileBertTokenizer",
    "mpnet": "MPNetTokenizer",
    "qwen2": "Qwen2Tokenizer",
    "qwen3": "Qwen2Tokenizer",
    "roberta": "RobertaTokenizer",
    "t5": "T5Tokenizer",
    "xlm-roberta": "XLMRobertaTokenizer",
}
# names of classes that only say that there should be a tokenizer.json
_NO_CLASS = ("PreTrainedTokenizer", "PreTrainedTokenizerFast", "TokenizersBackend")
_HOW_TO_MAKE = (
    "Make the tokenizer.json: load the tokenizer with transformers.AutoTokenizer and call "
    "save_pretrained."
)


def read_directory(path: Path) -> dict[str, Any]:
    """The document, as `json.loads` would give it.

    Raises `TokenizerFileError` that names what is missing and how to make it, and
    `UnsupportedComponentError` for a class of tokenizers that is not known here.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the"]
    ...     _ = (Path(name) / "vocab.txt").write_text("\\n".join(lines))
    ...     document = read_directory(Path(name))
    >>> document["model"]["type"], document["added_tokens"][2]["content"]
    ('WordPiece', '[CLS]')
    """
    path = Path(path)
    if not path.is_dir():
        raise TokenizerFileError(
            str(path), "a model directory", "a file" if path.exists() else "nothing at this path"
        )
    document = path / "tokenizer.json"
    if document.exists():
        return read_json_object(document)
    config = _config(path)
    kind = config.tokenizer_class
    if kind is None:
        return _by_files(path, config)
    if kind in WORDPIECE_CLASSES:
        return wordpiece_document(read_vocab_txt(_needed(path, kind, "vocab.txt")), config)
    if kind in BYTE_LEVEL_CLASSES:
        vocab = read_vocab_json(_needed(path, kind, "vocab.json"))
        merges = read_merges(_needed(path, kind, "merges.txt"), vocab)
        return byte_level_document(vocab, merges, config)
    if kind in SENTENCEPIECE_CLASSES:
        file = _sentencepiece_file(path)
        if file is None:
            file = _needed(path, kind, _SENTENCEPIECE_NAMES[0])
        return sentencepiece_class_document(read_sentencepiece_model(file), config)
    known = (*WORDPIECE_CLASSES, *BYTE_LEVEL_CLASSES, *SENTENCEPIECE_CLASSES)
    raise UnsupportedComponentError(
        f"{config.where}: tokenizer_class",
        f"tokenizer.json, or one of {', '.join(known)}",
        repr(kind),
        _HOW_TO_MAKE,
    )


def _config(path: Path) -> TokenizerConfig:
    """The configuration, with the class that config.json tells where no other file does."""
    config = read_tokenizer_config(path)
    if config.tokenizer_class in _NO_CLASS:
        config = replace(config, tokenizer_class=None)
    file = path / "config.json"
    if config.tokenizer_class is not None or not file.exists():
        return config
    fields: Mapping[str, Any] = read_json_object(file)
    kind = fields.get("tokenizer_class")
    if not isinstance(kind, str) or kind in _NO_CLASS:
        kind = _CLASS_OF_MODEL_TYPE.get(str(fields.get("model_type")))
    return replace(config, tokenizer_class=kind.removesuffix("Fast") if kind else None)


def _by_files(path: Path, config: TokenizerConfig) -> dict[str, Any]:
    """The document where only the files' names say what they are."""
    vocab_txt = path / "vocab.txt"
    if vocab_txt.exists():
        return wordpiece_document(read_vocab_txt(vocab_txt), config)
    model = _sentencepiece_file(path)
    if model is not None:
        return sentencepiece_document(read_sentencepiece_model(model))
    if (path / "vocab.json").exists():
        raise TokenizerFileError(
            str(path),
            "a tokenizer_class in tokenizer_config.json, to say what vocab.json is for",
            "none",
            f"Write one of {', '.join(BYTE_LEVEL_CLASSES)} there. Or: {_HOW_TO_MAKE}",
        )
    ranks = sorted(path.glob("*.tiktoken"))
    if ranks:
        raise TokenizerFileError(
            str(ranks[0]),
            "a pattern and special tokens beside the ranks",
            "ranks alone",
            "Give them to tiktoken_ranks.tiktoken_document.",
        )
    raise TokenizerFileError(
        str(path),
        "tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece .model",
        "none of them",
        _HOW_TO_MAKE,
    )


def _needed(path: Path, kind: str, name: str) -> Path:
    file = path / name
    if not file.exists():
        raise TokenizerFileError(
            str(path),
            f"tokenizer.json, or the {name} of a {kind}",
            "neither",
            f"Fetch {name} too. Or: {_HOW_TO_MAKE}",
        )
    return file


def _sentencepiece_file(path: Path) -> Path | None:
    """The SentencePiece model, by a name of one of the classes, or the only `.model` there is."""
    for name in _SENTENCEPIECE_NAMES:
        if (path / name).exists():
            return path / name
    files = sorted(path.glob("*.model"))
    if len(files) > 1:
        raise TokenizerFileError(
            str(path), "one .model", ", ".join(file.name for file in files), "Keep the right one."
        )
    return files[0] if files else None

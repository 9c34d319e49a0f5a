"""vocab.json and merges.txt -> the byte-level BPE document that tokenizer.json would be.

vocab.json is an object from token to id; merges.txt has a pair on each line, the first merged
first. Follows `BPE::read_file` of Hugging Face tokenizers for the files, and transformers 5 for
what `tokenizer_class` makes of them: GPT-2, RoBERTa (BART, LED and Longformer are the same), CLIP,
Qwen2. On purpose stricter where a line or an id cannot be meant: an id that is no number or is
given twice is an error here, and is left out or overwritten there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import TokenizerFileError, UnsupportedComponentError
from ..json_fields import MAX_TOKEN_ID
from .text_file import read_json_object, read_lines
from .tokenizer_config import TokenizerConfig
from .tokenizer_document import AddedTokenIds, bos_eos_template, make_document

__all__ = [
    "BYTE_LEVEL_CLASSES",
    "byte_level",
    "byte_level_document",
    "read_merges",
    "read_vocab_json",
]

_ROBERTA = ("RobertaTokenizer", "BartTokenizer", "LEDTokenizer", "LongformerTokenizer")
BYTE_LEVEL_CLASSES = ("GPT2Tokenizer", *_ROBERTA, "CLIPTokenizer", "Qwen2Tokenizer")

_END = "<|endoftext|>"
_ROBERTA_TOKENS: dict[str, str | None] = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "mask_token": "<mask>",
}
_DEFAULTS: dict[str, dict[str, str | None]] = {
    "GPT2Tokenizer": {"bos_token": _END, "eos_token": _END, "unk_token": _END},
    "CLIPTokenizer": {
        "bos_token": "<|startoftext|>",
        "eos_token": _END,
        "unk_token": _END,
        "pad_token": _END,
    },
    "Qwen2Tokenizer": {"eos_token": _END, "unk_token": _END, "pad_token": _END},
    **dict.fromkeys(_ROBERTA, _ROBERTA_TOKENS),
}
_CLIP_WORDS = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)
_QWEN2_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def read_vocab_json(path: Path) -> dict[str, int]:
    """Token -> id. Raises `TokenizerFileError` naming the token.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "vocab.json").write_text('{"a": 0, "b": 1, "ab": 2}')
    ...     read_vocab_json(Path(name) / "vocab.json")
    {'a': 0, 'b': 1, 'ab': 2}
    """
    vocab = read_json_object(path)
    if not vocab:
        raise TokenizerFileError(str(path), "tokens and their ids", "an empty object")
    token_of_id: dict[int, str] = {}
    for token, token_id in vocab.items():
        if type(token_id) is not int or not 0 <= token_id <= MAX_TOKEN_ID:
            raise TokenizerFileError(
                f"{path}: {token!r}", f"an id from 0 to {MAX_TOKEN_ID}", repr(token_id)[:60]
            )
        if token_id in token_of_id:
            raise TokenizerFileError(
                f"{path}: {token!r}",
                "an id of its own",
                f"{token_id}, which {token_of_id[token_id]!r} has",
            )
        token_of_id[token_id] = token
    return vocab


def read_merges(path: Path, vocab: dict[str, int]) -> list[list[str]]:
    """The pairs of merges.txt in their order, each of tokens of `vocab` that make up another one.

    Lines that begin with `#version` are left out. Raises `TokenizerFileError` naming the line.
    """
    merges = []
    for number, line in enumerate(read_lines(path), start=1):
        if line.startswith("#version"):
            continue
        pair = line.split(" ")
        if len(pair) != 2:
            raise TokenizerFileError(
                f"{path}: line {number}",
                "two tokens with one space between them",
                repr(line[:60]) if line else "an empty line",
            )
        for token in (*pair, "".join(pair)):
            if token not in vocab:
                raise TokenizerFileError(
                    f"{path}: line {number}",
                    "a merge of tokens of vocab.json into one",
                    f"{token!r}, which is not there",
                    "Take both files from the same model.",
                )
        merges.append(pair)
    return merges


def byte_level(*, add_prefix_space: bool, use_regex: bool) -> dict[str, Any]:
    """A ByteLevel pre-tokenizer, or decoder, as the format has it."""
    return {
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": True,
        "use_regex": use_regex,
    }


def byte_level_document(
    vocab: dict[str, int], merges: list[list[str]], config: TokenizerConfig
) -> dict[str, Any]:
    """The document of a byte-level BPE tokenizer, as `config.tokenizer_class` would make it.

    Raises `UnsupportedComponentError` for a class that is none of `BYTE_LEVEL_CLASSES`.

    >>> vocab = {"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3}
    >>> config = TokenizerConfig(tokenizer_class="GPT2Tokenizer")
    >>> byte_level_document(vocab, [["a", "b"]], config)["pre_tokenizer"]["type"]
    'ByteLevel'
    """
    kind = config.tokenizer_class
    if kind not in _DEFAULTS:
        raise UnsupportedComponentError(
            f"{config.where}: tokenizer_class",
            f"one of {', '.join(BYTE_LEVEL_CLASSES)}, to say what vocab.json is for",
            repr(kind),
            "Make the tokenizer.json: load the tokenizer with transformers.AutoTokenizer and call "
            "save_pretrained.",
        )
    tokens = AddedTokenIds(config, vocab, _DEFAULTS[kind], plain_special=kind == "Qwen2Tokenizer")
    prefix_space = config.flag_or_null("add_prefix_space") or False
    normalizer: dict[str, Any] | None = None
    pre_tokenizer = byte_level(add_prefix_space=prefix_space, use_regex=True)
    post_processor = bos_eos_template(config, tokens)
    unknown = suffix = ""
    if kind in _ROBERTA:
        post_processor = _roberta(
            tokens, "sep_token", "cls_token", config.flag("trim_offsets", True), prefix_space
        )
    elif kind == "CLIPTokenizer":
        post_processor = _roberta(tokens, "eos_token", "bos_token", False, False)
        unknown, suffix = tokens.token("unk_token"), "</w>"
        normalizer = {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFC"},
                {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
                {"type": "Lowercase"},
            ],
        }
        plain = byte_level(add_prefix_space=False, use_regex=True)
        pre_tokenizer = _split_first(_CLIP_WORDS, "Removed", True, plain)
    elif kind == "Qwen2Tokenizer":
        normalizer = {"type": "NFC"}
        plain = byte_level(add_prefix_space=prefix_space, use_regex=False)
        pre_tokenizer = _split_first(_QWEN2_WORDS, "Isolated", False, plain)
    return make_document(
        added_tokens=tokens.entries(),
        normalizer=normalizer,
        pre_tokenizer=pre_tokenizer,
        post_processor=post_processor,
        decoder=byte_level(add_prefix_space=True, use_regex=True),
        model={
            "type": "BPE",
            "dropout": None,
            "unk_token": unknown or None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": suffix,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocab,
            "merges": merges,
        },
    )


def _roberta(
    tokens: AddedTokenIds, sep: str, cls: str, trim_offsets: bool, add_prefix_space: bool
) -> dict[str, Any]:
    return {
        "type": "RobertaProcessing",
        "sep": tokens.pair(sep),
        "cls": tokens.pair(cls),
        "trim_offsets": trim_offsets,
        "add_prefix_space": add_prefix_space,
    }


def _split_first(pattern: str, behavior: str, invert: bool, then: dict[str, Any]) -> dict[str, Any]:
    split = {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": behavior,
        "invert": invert,
    }
    return {"type": "Sequence", "pretokenizers": [split, then]}

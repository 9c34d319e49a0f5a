"""vocab.txt of BERT and its kin -> the WordPiece document that tokenizer.json would be.

A line is a token, its number from 0 the id. Follows `WordPiece::read_file` of Hugging Face
tokenizers, which cuts white space off the end of a line, where it agrees with `load_vocab` of
transformers, which does not; a line on which they disagree is an error. They agree that the last
of several equal lines counts, and that an empty line is an empty token, which no text has.

The document is that of `BertTokenizer` (and DistilBERT, ELECTRA, MobileBERT) or `MPNetTokenizer` of
transformers 5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import TokenizerFileError
from .text_file import read_lines
from .tokenizer_config import ConfigToken, TokenizerConfig
from .tokenizer_document import AddedTokenIds, make_document, template

__all__ = ["WORDPIECE_CLASSES", "read_vocab_txt", "wordpiece_document"]

WORDPIECE_CLASSES = (
    "BertTokenizer",
    "DistilBertTokenizer",
    "ElectraTokenizer",
    "MobileBertTokenizer",
    "MPNetTokenizer",
)
_BERT_TOKENS = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
_MPNET_TOKENS: dict[str, str | ConfigToken | None] = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "[UNK]",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "mask_token": ConfigToken("<mask>", lstrip=True),
}
# Unicode's White_Space: what str.rstrip() takes besides are U+001C to U+001F
_WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)


def read_vocab_txt(path: Path) -> dict[str, int]:
    """Token -> id. Raises `TokenizerFileError` naming the line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "vocab.txt").write_text("[PAD]\\n[UNK]\\nthe\\n##s\\n")
    ...     read_vocab_txt(Path(name) / "vocab.txt")
    {'[PAD]': 0, '[UNK]': 1, 'the': 2, '##s': 3}
    """
    vocab: dict[str, int] = {}
    for index, line in enumerate(read_lines(path)):
        if line and line[-1] in _WHITE_SPACE:
            raise TokenizerFileError(
                f"{path}: line {index + 1}",
                "a token that does not end with white space",
                repr(line[-60:]),
                "Readers disagree whether the white space counts; remove it, or give the "
                "tokenizer.json.",
            )
        vocab[line] = index
    if not vocab:
        raise TokenizerFileError(str(path), "a token on each line", "an empty file")
    return vocab


def wordpiece_document(
    vocab: dict[str, int], config: TokenizerConfig | None = None
) -> dict[str, Any]:
    """The document of a WordPiece tokenizer; without `config`, that of an uncased BERT.

    Raises `TokenizerFileError` where the unknown token is not in the vocabulary.

    >>> vocab = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "the": 5}
    >>> wordpiece_document(vocab)["normalizer"]["lowercase"]
    True
    """
    config = config or TokenizerConfig()
    mpnet = config.tokenizer_class == "MPNetTokenizer"
    tokens = AddedTokenIds(config, vocab, _MPNET_TOKENS if mpnet else _BERT_TOKENS)
    unknown = tokens.token("unk_token")
    if unknown not in vocab:
        raise TokenizerFileError(
            "vocab.txt",
            f"the unknown token {unknown!r} among its lines",
            f"{len(vocab)} other tokens",
            "Set unk_token in tokenizer_config.json to the token that stands for unknown words.",
        )
    cls, sep = tokens.token("cls_token"), tokens.token("sep_token")
    if mpnet:
        post_processor = {
            "type": "RobertaProcessing",
            "sep": tokens.pair("sep_token"),
            "cls": tokens.pair("cls_token"),
            "trim_offsets": True,
            "add_prefix_space": False,
        }
    else:
        single = [(cls, 0), ("$A", 0), (sep, 0)]
        ids = {cls: tokens.of("cls_token"), sep: tokens.of("sep_token")}
        post_processor = template(single, [*single, ("$B", 1), (sep, 1)], ids)
    return make_document(
        added_tokens=tokens.entries(),
        normalizer={
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": config.flag("tokenize_chinese_chars", True),
            "strip_accents": config.flag_or_null("strip_accents"),
            "lowercase": config.flag("do_lower_case", True),
        },
        pre_tokenizer={"type": "BertPreTokenizer"},
        post_processor=post_processor,
        decoder={"type": "WordPiece", "prefix": "##", "cleanup": True},
        model={
            "type": "WordPiece",
            "unk_token": unknown,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocab,
        },
    )

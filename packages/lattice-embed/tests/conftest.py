"""A model directory small enough to be made for each run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *"abcdefghijklmnopqrstuvwxyz0123456789.,:!?'",
    "the",
    "a",
]
VOCAB = {word: index for index, word in enumerate(dict.fromkeys(WORDS))}
VOCAB.update(
    {f"##{letter}": len(VOCAB) + i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
)
HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 8, 2, 2, 16, 24
MAX_TOKENS = 20


def _tokenizer() -> dict[str, object]:
    special = {
        name: {"id": name, "ids": [VOCAB[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")
    }

    def token(name: str, type_id: int) -> dict[str, object]:
        return {"SpecialToken": {"id": name, "type_id": type_id}}

    single = [token("[CLS]", 0), {"Sequence": {"id": "A", "type_id": 0}}, token("[SEP]", 0)]
    pair = [*single, {"Sequence": {"id": "B", "type_id": 1}}, token("[SEP]", 1)]
    return {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": special,
        },
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": VOCAB,
        },
    }


def _tensors() -> dict[str, np.ndarray]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(VOCAB), HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{name}.attention.{part}.weight"] = (HIDDEN, HIDDEN)
            shapes[f"{name}.attention.{part}.bias"] = (HIDDEN,)
        shapes[f"{name}.intermediate.dense.weight"] = (INNER, HIDDEN)
        shapes[f"{name}.intermediate.dense.bias"] = (INNER,)
        shapes[f"{name}.output.dense.weight"] = (HIDDEN, INNER)
        shapes[f"{name}.output.dense.bias"] = (HIDDEN,)
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    random = np.random.default_rng(7)
    tensors = {n: random.standard_normal(s).astype(np.float32) for n, s in shapes.items()}
    for norm in norms:
        tensors[f"{norm}.weight"] = np.ones(HIDDEN, np.float32)
        tensors[f"{norm}.bias"] = np.zeros(HIDDEN, np.float32)
    return tensors


def _files() -> dict[str, object]:
    return {
        "config.json": {
            "model_type": "bert",
            "hidden_act": "gelu",
            "vocab_size": len(VOCAB),
            "hidden_size": HIDDEN,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "intermediate_size": INNER,
            "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2,
            "layer_norm_eps": 1e-12,
        },
        "modules.json": [
            {"path": "", "type": "sentence_transformers.models.Transformer"},
            {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS},
        "config_sentence_transformers.json": {"prompts": {"query": "ask: ", "document": "say: "}},
        "tokenizer.json": _tokenizer(),
    }


def make_model(directory: Path) -> Path:
    for name, content in _files().items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    save_file(_tensors(), directory / "model.safetensors")
    return directory


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A whole model directory, to be damaged at will."""
    return make_model(tmp_path / "tiny-model")


@pytest.fixture(autouse=True)
def _no_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or fills the caches of the user, or asks the real hub."""
    monkeypatch.setenv("LATTICE_CACHE_DIR", str(tmp_path / "lattice-cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub-cache"))

"""A seed and MiniLM's tokenizer -> a small BERT that differs where all-MiniLM-L6-v2 cannot tell.

CLS pooling; a query instruction and none for passages, as BGE has them; tensors named with the
"bert." prefix, beside heads of other tasks; float16 weights; a layer-norm eps, biases and norms
that matter; no truncation in tokenizer.json. Random weights of a size that keeps every path alive:
attention is far from uniform, and no activation is saturated.

The generator is NumPy's PCG64, whose stream is the same in every version and on every machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from .checkpoint_files import modules_json, uncut, write_json

__all__ = ["make_bert_cls"]

SEED = 20261101
VOCABULARY, HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS = 30522, 96, 3, 6, 208, 128
EPS = 1e-3  # large enough that another eps shows
QUERY = "Represent this sentence for searching relevant passages: "


def make_bert_cls(tokenizer_json: bytes, directory: Path) -> None:
    """Write the fixture into `directory`; `tokenizer_json` is that of all-MiniLM-L6-v2."""
    files: dict[str, Any] = {
        "config.json": {
            "architectures": ["BertForMaskedLM"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": HIDDEN,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "intermediate_size": FEED_FORWARD,
            "max_position_embeddings": POSITIONS,
            "type_vocab_size": 2,
            "vocab_size": VOCABULARY,
            "layer_norm_eps": EPS,
            "pad_token_id": 0,
        },
        "modules.json": modules_json(
            [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
        ),
        "1_Pooling/config.json": {
            "word_embedding_dimension": HIDDEN,
            "pooling_mode_cls_token": True,
            "pooling_mode_mean_tokens": False,
        },
        "sentence_bert_config.json": {"max_seq_length": POSITIONS},
        "config_sentence_transformers.json": {"prompts": {"query": QUERY, "document": ""}},
    }
    for name, content in files.items():
        write_json(directory / name, content)
    write_json(directory / "tokenizer.json", uncut(json.loads(tokenizer_json)), indent=None)
    save_file(_tensors(), directory / "model.safetensors", metadata={"format": "pt"})


def _tensors() -> dict[str, NDArray[np.float16]]:
    generator = np.random.Generator(np.random.PCG64(SEED))

    def normal(*shape: int, mean: float = 0.0, scale: float) -> NDArray[np.float16]:
        # uniform numbers are exact on every machine; a normal law's logarithms need not be
        values = generator.random(shape) * 2 - 1
        return (mean + values * scale * 3**0.5).astype(np.float16)

    tensors: dict[str, NDArray[np.float16]] = {}

    def linear(name: str, out: int, into: int, gain: float = 1.0) -> None:
        tensors[f"{name}.weight"] = normal(out, into, scale=gain * into**-0.5)
        tensors[f"{name}.bias"] = normal(out, scale=0.2)

    def norm(name: str) -> None:
        tensors[f"{name}.weight"] = normal(HIDDEN, mean=1.0, scale=0.2)
        tensors[f"{name}.bias"] = normal(HIDDEN, scale=0.2)

    for name, rows in (("word", VOCABULARY), ("position", POSITIONS), ("token_type", 2)):
        scale = 1.0 if name == "word" else 0.5
        tensors[f"embeddings.{name}_embeddings.weight"] = normal(rows, HIDDEN, scale=scale)
    norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("query", "key"):
            linear(f"{name}.attention.self.{part}", HIDDEN, HIDDEN, gain=1.5)
        linear(f"{name}.attention.self.value", HIDDEN, HIDDEN)
        linear(f"{name}.attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{name}.attention.output.LayerNorm")
        linear(f"{name}.intermediate.dense", FEED_FORWARD, HIDDEN)
        linear(f"{name}.output.dense", HIDDEN, FEED_FORWARD)
        norm(f"{name}.output.LayerNorm")
    linear("pooler.dense", HIDDEN, HIDDEN)
    named = {f"bert.{name}": tensor for name, tensor in tensors.items()}
    named["cls.predictions.bias"] = normal(VOCABULARY, scale=0.2)
    return named

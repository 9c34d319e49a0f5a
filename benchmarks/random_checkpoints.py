"""A seed -> model directories of real size with random weights, for what has no weights to fetch.

Only their speed means anything. Sizes are those of the published models, but for two: the
vocabulary is cut, since looking up a row costs nothing however many there are, and a model may be
given fewer layers. The tokenizer is Qwen3's own with the first of its merges, so ids fit.

Written one layer at a time, so that memory holds no more than one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

__all__ = ["write_modernbert", "write_qwen3"]

_END = "<|endoftext|>"  # the last token of every text
_FIRST_MERGE = 256  # ids below are single bytes; then a merge each, in order
_VOCABULARY = 1 << 15
_POSITIONS = 8192
Shapes = dict[str, tuple[int, ...]]


def write_qwen3(directory: Path, *, layers: int = 28, tokenizer: Path | None = None) -> None:
    """Qwen3-Embedding-0.6B in float32; `tokenizer`: the `tokenizer.json` of the real one."""
    hidden, inner, heads, key_heads, head_size = 1024, 3072, 16, 8, 128
    config = {
        "model_type": "qwen3",
        "architectures": ["Qwen3Model"],
        "vocab_size": _VOCABULARY + 1,
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "head_dim": head_size,
        "hidden_act": "silu",
        "max_position_embeddings": _POSITIONS,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "attention_bias": False,
        "use_sliding_window": False,
        "torch_dtype": "float32",
    }
    layer: Shapes = {
        "input_layernorm": (hidden,),
        "self_attn.q_proj": (heads * head_size, hidden),
        "self_attn.k_proj": (key_heads * head_size, hidden),
        "self_attn.v_proj": (key_heads * head_size, hidden),
        "self_attn.q_norm": (head_size,),
        "self_attn.k_norm": (head_size,),
        "self_attn.o_proj": (hidden, heads * head_size),
        "post_attention_layernorm": (hidden,),
        "mlp.gate_proj": (inner, hidden),
        "mlp.up_proj": (inner, hidden),
        "mlp.down_proj": (hidden, inner),
    }
    ends: Shapes = {"embed_tokens": (_VOCABULARY + 1, hidden), "norm": (hidden,)}
    _write(directory, config, ends, [layer] * layers, pooling="lasttoken")
    if tokenizer is not None:
        _write_tokenizer(directory, tokenizer)


def write_modernbert(directory: Path, *, layers: int = 22) -> None:
    """ModernBERT-base in float32, without a tokenizer."""
    hidden, inner = 768, 1152
    config = {
        "model_type": "modernbert",
        "vocab_size": _VOCABULARY,
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": 12,
        "max_position_embeddings": _POSITIONS,
        "local_attention": 128,
        "global_attn_every_n_layers": 3,
    }
    layer: Shapes = {
        "attn_norm": (hidden,),
        "attn.Wqkv": (3 * hidden, hidden),
        "attn.Wo": (hidden, hidden),
        "mlp_norm": (hidden,),
        "mlp.Wi": (2 * inner, hidden),
        "mlp.Wo": (hidden, inner),
    }
    first = {name: shape for name, shape in layer.items() if name != "attn_norm"}
    ends: Shapes = {
        "embeddings.tok_embeddings": (_VOCABULARY, hidden),
        "embeddings.norm": (hidden,),
        "final_norm": (hidden,),
    }
    _write(directory, config, ends, [first, *[layer] * (layers - 1)], pooling="cls_token")


def _write(
    directory: Path, config: dict[str, Any], ends: Shapes, layers: list[Shapes], *, pooling: str
) -> None:
    """`ends`: the tensors before and after the layers; all names without ".weight"."""
    random = np.random.default_rng(0)
    index: dict[str, str] = {}
    (directory / "1_Pooling").mkdir(parents=True)
    groups = [ends, *_numbered(layers)]
    for number, shapes in enumerate(groups, 1):
        shard = f"model-{number:05}-of-{len(groups):05}.safetensors"
        tensors = {f"{name}.weight": _draw(random, shape) for name, shape in shapes.items()}
        save_file(tensors, directory / shard, metadata={"format": "pt"})
        index |= dict.fromkeys(tensors, shard)
    modules = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    files: dict[str, Any] = {
        "config.json": config,
        "model.safetensors.index.json": {"metadata": {}, "weight_map": index},
        "modules.json": [
            {
                "idx": number,
                "name": str(number),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for number, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": config["hidden_size"],
            **{f"pooling_mode_{mode}": mode == pooling for mode in ("cls_token", "lasttoken")},
            "pooling_mode_mean_tokens": False,
        },
        "sentence_bert_config.json": {"max_seq_length": _POSITIONS},
    }
    for name, content in files.items():
        (directory / name).write_text(json.dumps(content), encoding="utf-8")


def _numbered(layers: list[Shapes]) -> Iterator[Shapes]:
    for number, layer in enumerate(layers):
        yield {f"layers.{number}.{name}": shape for name, shape in layer.items()}


def _draw(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Numbers that keep the hidden states at about their size, as trained weights do."""
    if len(shape) == 1:
        return np.ones(shape, np.float32)
    tensor = random.standard_normal(shape, np.float32)
    tensor *= np.float32(shape[1] ** -0.5)
    return tensor


def _write_tokenizer(directory: Path, path: Path) -> None:
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    model = tokenizer["model"]
    model["vocab"] = {
        token: number for token, number in model["vocab"].items() if number < _VOCABULARY
    }
    model["merges"] = model["merges"][: _VOCABULARY - _FIRST_MERGE]
    tokenizer["added_tokens"] = [
        {**token, "id": _VOCABULARY}
        for token in tokenizer["added_tokens"]
        if token["content"] == _END
    ]
    template = tokenizer["post_processor"]["processors"][-1]
    template["special_tokens"][_END]["ids"] = [_VOCABULARY]
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": _END, "eos_token": _END}
    (directory / "tokenizer_config.json").write_text(
        json.dumps({**settings, "model_max_length": _POSITIONS}), encoding="utf-8"
    )

"""Small configs -> `families.json` and `rotary_families.json` of `tests`: what Hugging Face says.

In float64, with the lift of the conformance suite for what transformers keeps in float32. The names
and shapes of the tensors are those that transformers writes; their values come from a seed, so that
the files hold none. To record a family more, add its config to `CONFIGS` or `ROTARY_CONFIGS`.

    PYTHONPATH=../.. python tools/record_families.py     # needs torch and transformers
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["seeded_tensors"]

TESTS = Path(__file__).resolve().parent.parent / "tests"
DECIMALS = 8
NEWLINE = ",\n"

_POSITIONS_AFTER_PADDING = ("camembert", "mpnet", "roberta", "xlm-roberta")

_BERT: dict[str, Any] = {
    "vocab_size": 30,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 40,
    "layer_norm_eps": 1e-3,  # large, so that another one shows
}
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": {"model_type": "bert", **_BERT, "type_vocab_size": 2},
    "bert, gelu_new, one type": {
        "model_type": "bert",
        **_BERT,
        "hidden_act": "gelu_new",
        "type_vocab_size": 1,
    },
    "roberta": {"model_type": "roberta", **_BERT, "type_vocab_size": 1},
    "xlm-roberta, padding id 0": {
        "model_type": "xlm-roberta",
        **_BERT,
        "type_vocab_size": 1,
        "pad_token_id": 0,
    },
    "camembert, padding id 5": {
        "model_type": "camembert",
        **_BERT,
        "type_vocab_size": 2,
        "pad_token_id": 5,
    },
    "distilbert": {
        "model_type": "distilbert",
        "vocab_size": 30,
        "dim": 12,
        "n_layers": 2,
        "n_heads": 3,
        "hidden_dim": 20,
        "max_position_embeddings": 40,
        "sinusoidal_pos_embds": True,
        "activation": "relu",
    },
    "mpnet": {
        "model_type": "mpnet",
        **_BERT,
        "max_position_embeddings": 120,  # beyond the last bucket of distances
        "relative_attention_num_buckets": 32,
    },
}
_SIZES: dict[str, Any] = {
    "vocab_size": 30,
    "hidden_size": 12,
    "num_hidden_layers": 4,
    "intermediate_size": 20,
    "max_position_embeddings": 40,
}
_QWEN3: dict[str, Any] = {
    "model_type": "qwen3",
    **_SIZES,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 6,
    "rms_norm_eps": 1e-3,  # large, so that another one shows
}
_MODERNBERT: dict[str, Any] = {
    "model_type": "modernbert",
    **_SIZES,
    "num_attention_heads": 3,
    "norm_eps": 1e-3,
    **{f"{name}_token_id": 0 for name in ("bos", "cls", "eos", "pad", "sep")},
}
_NOMIC_BERT: dict[str, Any] = {
    "model_type": "nomic_bert",
    **_SIZES,
    "num_attention_heads": 3,
    "layer_norm_eps": 1e-3,
    "type_vocab_size": 2,
}
_GEMMA3: dict[str, Any] = {
    "model_type": "gemma3_text",
    **_SIZES,
    "num_attention_heads": 3,
    "num_key_value_heads": 1,
    "head_dim": 6,
    "query_pre_attn_scalar": 5,
    "rms_norm_eps": 1e-3,
}
ROTARY_CONFIGS: dict[str, dict[str, Any]] = {
    "qwen3": {**_QWEN3, "rope_theta": 1000, "rope_scaling": None, "sliding_window": None},
    "qwen3, biases, a window from layer 2 on": {
        **_QWEN3,
        "attention_bias": True,
        "use_sliding_window": True,
        "sliding_window": 5,
        "max_window_layers": 2,
        "rope_parameters": {"rope_type": "default", "rope_theta": 50.0},
    },
    "qwen3, types of layers listed, a key head for each head": {
        **_QWEN3,
        "num_key_value_heads": 4,
        "use_sliding_window": True,
        "sliding_window": 4,
        "max_window_layers": 4,
        "layer_types": [*2 * ["full_attention", "sliding_attention"]],
    },
    "modernbert": {
        **_MODERNBERT,
        "global_attn_every_n_layers": 3,
        "local_attention": 8,
        "global_rope_theta": 1600.0,
        "local_rope_theta": 100.0,
    },
    "modernbert, biases, an odd window, types of layers listed": {
        **_MODERNBERT,
        "attention_bias": True,
        "mlp_bias": True,
        "norm_bias": True,
        "local_attention": 7,
        "hidden_activation": "silu",
        "layer_types": [*2 * ["sliding_attention", "full_attention"]],
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 300.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 30.0},
        },
    },
    "modernbert, all defaults": _MODERNBERT,
    "nomic_bert": _NOMIC_BERT,
    "nomic_bert, another base": {
        **_NOMIC_BERT,
        "rope_parameters": {"rope_type": "default", "rope_theta": 40.0},
    },
    "gemma3_text": {
        **_GEMMA3,
        "use_bidirectional_attention": True,
        "sliding_window": 9,
        "_sliding_window_pattern": 2,  # not a key that counts
        "layer_types": [*2 * ["sliding_attention", "full_attention"]],
        "rope_theta": 1000.0,
        "rope_local_base_freq": 50.0,
    },
    "gemma3_text, an even window": {
        **_GEMMA3,
        "use_bidirectional_attention": True,
        "sliding_window": 8,
        "sliding_window_pattern": 3,
    },
    "gemma3_text, causal, biases": {
        **_GEMMA3,
        "num_key_value_heads": 3,
        "attention_bias": True,
        "hidden_activation": "silu",
        "sliding_window": 5,
        "sliding_window_pattern": 2,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 300.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 30.0},
        },
    },
}


def seeded_tensors(
    config: Mapping[str, Any], shapes: Mapping[str, list[int]]
) -> dict[str, NDArray[np.float32]]:
    """Weights of a size that keeps every path alive: attention is not uniform, nothing saturates.

    Uniform numbers of PCG64, which are the same on every machine.
    """
    generator = np.random.Generator(np.random.PCG64(20261122))
    middle_of_norms = 0 if config["model_type"] == "gemma3_text" else 1
    tensors = {}
    for name, shape in sorted(shapes.items()):
        values = generator.random(shape) * 2 - 1
        if name.endswith("bias"):
            values *= 0.4
        elif len(shape) == 1:  # the weight of a norm
            values = values * 0.4 + middle_of_norms
        elif "embed" not in name and "relative" not in name:
            values *= 2.5 * shape[-1] ** -0.5
        tensors[name] = values.astype(np.float32)
    return tensors


def texts(config: Mapping[str, Any]) -> list[list[int]]:
    """One token, a few with the padding id among them, and as many as there are positions."""
    longest, padding_id = config["max_position_embeddings"], config.get("pad_token_id", 1)
    if config["model_type"] in _POSITIONS_AFTER_PADDING:
        longest -= padding_id + 1
    generator = np.random.Generator(np.random.PCG64(1))
    first, second, third = (
        # never the padding id, which would leave a position unused
        ((generator.integers(1, config["vocab_size"], length) + padding_id) % config["vocab_size"])
        for length in (1, 6, longest)
    )
    second[3] = padding_id
    return [first.tolist(), second.tolist(), third.tolist()]


def rotary_texts(config: Mapping[str, Any]) -> list[list[int]]:
    """One token, a few, and as many as there are positions."""
    generator = np.random.Generator(np.random.PCG64(1))
    lengths = (1, 6, config["max_position_embeddings"])
    return [generator.integers(0, config["vocab_size"], length).tolist() for length in lengths]


def recorded(config: dict[str, Any], asked: list[list[int]]) -> str:
    """The entry of one config: its shapes, and the first and last hidden states of each text."""
    import torch
    import transformers
    from safetensors import safe_open
    from safetensors.numpy import save_file

    from conformance.engines.double_precision import all_in_float64

    settings = transformers.AutoConfig.for_model(**deepcopy(config))  # it adds to its objects
    options: dict[str, Any] = {"dtype": torch.float64, "attn_implementation": "eager"}
    if "add_pooling_layer" in signature(transformers.MODEL_MAPPING[type(settings)]).parameters:
        options["add_pooling_layer"] = False
    with TemporaryDirectory() as directory:
        transformers.AutoModel.from_config(settings, **options).save_pretrained(directory)
        weights = Path(directory) / "model.safetensors"
        with safe_open(weights, framework="numpy") as file:
            names = list(file.keys())
            shapes = {name: file.get_slice(name).get_shape() for name in names}
        save_file(seeded_tensors(config, shapes), weights, metadata={"format": "pt"})
        (Path(directory) / "config.json").write_text(json.dumps(config))
        model = transformers.AutoModel.from_pretrained(directory, **options).eval()
    cases = []
    for ids in asked:
        with torch.no_grad(), all_in_float64():
            (hidden,) = model(input_ids=torch.tensor([ids])).last_hidden_state
        first, last = ([round(x, DECIMALS) for x in row] for row in hidden[[0, -1]].tolist())
        cases.append(json.dumps({"ids": ids, "first": first, "last": last}))
    return (
        f'{{\n"config": {json.dumps(config)},\n"shapes": {json.dumps(shapes)},\n'
        f'"cases": [\n{NEWLINE.join(cases)}\n]}}'
    )


def main() -> None:
    for name, configs, texts_of in (
        ("families.json", CONFIGS, texts),
        ("rotary_families.json", ROTARY_CONFIGS, rotary_texts),
    ):
        entries = [f'"{key}": {recorded(c, texts_of(c))}' for key, c in configs.items()]
        content = f"{{\n{NEWLINE.join(entries)}\n}}\n"
        (TESTS / name).write_text(content, encoding="utf-8")
        print(f"{name}: float64, {DECIMALS} decimals")


if __name__ == "__main__":
    main()

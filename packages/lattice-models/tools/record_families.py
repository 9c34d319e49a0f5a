"""Small configs -> `tests/families.json`: what Hugging Face computes for them in float64.

The names and shapes of the tensors come from Hugging Face too; their values from a seed, so that
the file holds none. To record a family more, add its config to `CONFIGS`.

    python tools/record_families.py     # needs torch and transformers
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["seeded_tensors"]

FILE = Path(__file__).resolve().parent.parent / "tests" / "families.json"
DECIMALS = 8

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


def seeded_tensors(shapes: Mapping[str, list[int]]) -> dict[str, NDArray[np.float32]]:
    """Weights of a size that keeps every path alive: attention is not uniform, nothing saturates.

    Uniform numbers of PCG64, which are the same on every machine.
    """
    generator = np.random.Generator(np.random.PCG64(20261122))
    tensors = {}
    for name, shape in sorted(shapes.items()):
        values = generator.random(shape) * 2 - 1
        if name.endswith("bias"):
            values *= 0.4
        elif len(shape) == 1:  # the weight of a norm
            values = values * 0.4 + 1
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


def main() -> None:
    import torch
    import transformers
    from safetensors.numpy import save_file

    lines, newline = [], ",\n"
    for name, config in CONFIGS.items():
        options: dict[str, Any] = {"dtype": torch.float64, "attn_implementation": "eager"}
        settings = transformers.AutoConfig.for_model(**config)
        if "add_pooling_layer" in signature(transformers.MODEL_MAPPING[type(settings)]).parameters:
            options["add_pooling_layer"] = False
        empty = transformers.AutoModel.from_config(settings, **options)
        shapes = {name: list(tensor.shape) for name, tensor in empty.state_dict().items()}
        with TemporaryDirectory() as directory:
            (Path(directory) / "config.json").write_text(json.dumps(config))
            weights = Path(directory) / "model.safetensors"
            save_file(seeded_tensors(shapes), weights, metadata={"format": "pt"})
            model = transformers.AutoModel.from_pretrained(directory, **options).eval()
        cases = []
        for ids in texts(config):
            with torch.no_grad():
                (hidden,) = model(input_ids=torch.tensor([ids])).last_hidden_state
            first, last = ([round(x, DECIMALS) for x in row] for row in hidden[[0, -1]].tolist())
            cases.append(json.dumps({"ids": ids, "first": first, "last": last}))
        lines.append(
            f'"{name}": {{\n"config": {json.dumps(config)},\n"shapes": {json.dumps(shapes)},\n'
            f'"cases": [\n{newline.join(cases)}\n]}}'
        )
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{FILE.name}: transformers {transformers.__version__}, float64, {DECIMALS} decimals")


if __name__ == "__main__":
    main()

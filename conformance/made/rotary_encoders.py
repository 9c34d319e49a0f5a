"""A seed and a tokenizer -> small encoders of the families with rotary positions.

Published checkpoints of these families cannot be fetched everywhere, so each is made here in the
layout of its own: `made-qwen3` in bfloat16 and two shards, as Qwen3-Embedding; `made-qwen3-wide`,
the same with a Dense module to the 1,024 numbers of the real one; `made-modernbert` below "model."
beside a head of another task, as ModernBERT; `made-nomic-bert` with the names of its authors, as
nomic-embed-text; `made-gemma3` with two Dense modules after pooling, as EmbeddingGemma.
Every rule of shapes is alive: several layers, head sizes that are not the hidden size over the
heads, fewer key heads than query heads, windows far shorter than texts, two rotary bases.

The generator is NumPy's PCG64, whose stream is the same in every version and on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["make_rotary_encoder"]

QWEN3_QUERY = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
)
_BERT_SPECIAL = {
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "pad_token": "[PAD]",
    "sep_token": "[SEP]",
    "unk_token": "[UNK]",
}
Tensors = dict[str, NDArray[np.float64]]


class _Draw:
    """Tensors of one checkpoint, in the order in which they are asked for."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))
        self.tensors: Tensors = {}

    def normal(self, name: str, *shape: int, mean: float = 0.0, scale: float) -> None:
        # uniform numbers are exact on every machine; a normal law's logarithms need not be
        values = self._generator.random(shape) * 2 - 1
        self.tensors[name] = mean + values * (scale * 3**0.5)

    def linear(self, name: str, out: int, into: int, *, gain: float = 1.0) -> None:
        self.normal(f"{name}.weight", out, into, scale=gain * into**-0.5)

    def norm(self, name: str, size: int, *, mean: float = 1.0, bias: bool = False) -> None:
        self.normal(f"{name}.weight", size, mean=mean, scale=0.2)
        if bias:
            self.normal(f"{name}.bias", size, scale=0.2)


def make_qwen3(
    tokenizer_json: bytes, directory: Path, *, dense: Mapping[str, tuple[int, int]] | None = None
) -> None:
    """Write `made-qwen3`; `tokenizer_json` is that of qwen3-embedding."""
    vocabulary, hidden, inner, layers, heads, key_heads, head_size = 151669, 32, 80, 3, 4, 2, 20
    draw = _Draw(20261122)
    draw.normal("embed_tokens.weight", vocabulary, hidden, scale=1.0)
    for layer in range(layers):
        name = f"layers.{layer}"
        draw.norm(f"{name}.input_layernorm", hidden)
        draw.linear(f"{name}.self_attn.q_proj", heads * head_size, hidden)
        for part in ("k_proj", "v_proj"):
            draw.linear(f"{name}.self_attn.{part}", key_heads * head_size, hidden)
        for part in ("q_norm", "k_norm"):
            draw.norm(f"{name}.self_attn.{part}", head_size, mean=1.2)
        draw.linear(f"{name}.self_attn.o_proj", hidden, heads * head_size)
        draw.norm(f"{name}.post_attention_layernorm", hidden)
        for part in ("gate_proj", "up_proj"):
            draw.linear(f"{name}.mlp.{part}", inner, hidden)
        draw.linear(f"{name}.mlp.down_proj", hidden, inner)
    draw.norm("norm", hidden)
    config = {
        "architectures": ["Qwen3ForCausalLM"],
        "attention_bias": False,
        "head_dim": head_size,
        "hidden_act": "silu",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "max_position_embeddings": 512,
        "max_window_layers": layers,
        "model_type": "qwen3",
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": key_heads,
        "rms_norm_eps": 1e-3,  # large enough that another eps shows
        "rope_scaling": None,
        "rope_theta": 1000000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "use_sliding_window": False,
        "vocab_size": vocabulary,
    }
    _write_files(
        directory,
        config,
        pooling="lasttoken",
        dimension=hidden,
        max_tokens=512,
        prompts={"query": QWEN3_QUERY, "document": ""},
        special_tokens={"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
        dense=dense,
    )
    (directory / "tokenizer.json").write_bytes(tokenizer_json)
    _write_sharded(directory, draw.tensors, first={"embed_tokens.weight"})


def make_qwen3_wide(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-qwen3-wide`: numbers of the size that they have in a vector of the real model.

    Of 32 numbers, each is so large that bfloat16 alone rounds it by up to 1e-3.
    """
    dense = {"2_Dense": (32, 1024)}
    make_qwen3(tokenizer_json, directory, dense=dense)
    _write_dense(directory, dense, "BF16")


def make_modernbert(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-modernbert`; `tokenizer_json` is that of all-MiniLM-L6-v2."""
    vocabulary, hidden, inner, layers, heads = 30522, 48, 80, 5, 4
    draw = _Draw(20261123)
    draw.normal("model.embeddings.tok_embeddings.weight", vocabulary, hidden, scale=1.0)
    draw.norm("model.embeddings.norm", hidden)
    for layer in range(layers):
        name = f"model.layers.{layer}"
        if layer:
            draw.norm(f"{name}.attn_norm", hidden)
        draw.linear(f"{name}.attn.Wqkv", 3 * hidden, hidden, gain=1.3)
        draw.linear(f"{name}.attn.Wo", hidden, hidden)
        draw.norm(f"{name}.mlp_norm", hidden)
        draw.linear(f"{name}.mlp.Wi", 2 * inner, hidden)
        draw.linear(f"{name}.mlp.Wo", hidden, inner)
    draw.norm("model.final_norm", hidden)
    draw.linear("head.dense", hidden, hidden)
    draw.norm("head.norm", hidden)
    draw.normal("decoder.bias", vocabulary, scale=0.2)
    config = {
        "architectures": ["ModernBertForMaskedLM"],
        "attention_bias": False,
        "global_attn_every_n_layers": 3,
        "global_rope_theta": 160000.0,
        "hidden_activation": "gelu",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "local_attention": 16,
        "local_rope_theta": 10000.0,
        "max_position_embeddings": 512,
        "mlp_bias": False,
        "model_type": "modernbert",
        "norm_bias": False,
        "norm_eps": 1e-3,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "vocab_size": vocabulary,
        **{f"{name}_token_id": 101 for name in ("bos", "cls")},
        **{f"{name}_token_id": 102 for name in ("eos", "sep")},
        "pad_token_id": 0,
    }
    _write_files(
        directory,
        config,
        pooling="cls_token",
        dimension=hidden,
        max_tokens=512,
        special_tokens=_BERT_SPECIAL,
    )
    _write_tokenizer(directory, tokenizer_json)
    _write_tensors(directory / "model.safetensors", draw.tensors, "F32")


def make_nomic_bert(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-nomic-bert`; `tokenizer_json` is that of all-MiniLM-L6-v2."""
    vocabulary, hidden, inner, layers, heads = 30528, 48, 80, 3, 4
    draw = _Draw(20261124)
    draw.normal("embeddings.word_embeddings.weight", vocabulary, hidden, scale=1.0)
    draw.normal("embeddings.token_type_embeddings.weight", 2, hidden, scale=0.5)
    draw.norm("emb_ln", hidden, bias=True)
    for layer in range(layers):
        name = f"encoder.layers.{layer}"
        draw.linear(f"{name}.attn.Wqkv", 3 * hidden, hidden, gain=1.3)
        draw.linear(f"{name}.attn.out_proj", hidden, hidden)
        for part in ("fc11", "fc12"):
            draw.linear(f"{name}.mlp.{part}", inner, hidden)
        draw.linear(f"{name}.mlp.fc2", hidden, inner)
        for part in ("norm1", "norm2"):
            draw.norm(f"{name}.{part}", hidden, bias=True)
    # transformers does not read the authors' names of these sizes, such as n_embd
    config = {
        "activation_function": "swiglu",
        "architectures": ["NomicBertModel"],
        "hidden_act": "silu",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "layer_norm_eps": 1e-3,
        "max_position_embeddings": 512,
        "mlp_fc1_bias": False,
        "mlp_fc2_bias": False,
        "model_type": "nomic_bert",
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "prenorm": False,
        "qkv_proj_bias": False,
        "rotary_emb_base": 1000,
        "rotary_emb_fraction": 1.0,
        "rotary_emb_interleaved": False,
        "rotary_scaling_factor": None,
        "type_vocab_size": 2,
        "vocab_size": vocabulary,
    }
    _write_files(
        directory,
        config,
        pooling="mean_tokens",
        dimension=hidden,
        max_tokens=512,
        prompts={"query": "search_query: ", "document": "search_document: "},
        special_tokens=_BERT_SPECIAL,
    )
    _write_tokenizer(directory, tokenizer_json)
    _write_tensors(directory / "model.safetensors", draw.tensors, "F16")


def make_gemma3(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-gemma3`; `tokenizer_json` is that of multilingual-e5-small-q4."""
    vocabulary, hidden, inner, heads, key_heads, head_size = 250037, 36, 80, 3, 1, 16
    types = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
    draw = _Draw(20261125)
    # the model multiplies them by the root of the hidden size
    draw.normal("embed_tokens.weight", vocabulary, hidden, scale=hidden**-0.5)
    for layer in range(len(types)):
        name = f"layers.{layer}"
        draw.linear(f"{name}.self_attn.q_proj", heads * head_size, hidden)
        for part in ("k_proj", "v_proj"):
            draw.linear(f"{name}.self_attn.{part}", key_heads * head_size, hidden)
        draw.linear(f"{name}.self_attn.o_proj", hidden, heads * head_size)
        for part in ("q_norm", "k_norm"):
            draw.norm(f"{name}.self_attn.{part}", head_size, mean=0.2)
        for part in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            draw.norm(f"{name}.{part}_layernorm", hidden, mean=0.0)  # stored as weight - 1
        for part in ("gate_proj", "up_proj"):
            draw.linear(f"{name}.mlp.{part}", inner, hidden)
        draw.linear(f"{name}.mlp.down_proj", hidden, inner)
    draw.norm("norm", hidden, mean=0.0)
    config = {
        "_sliding_window_pattern": 6,
        "architectures": ["Gemma3TextModel"],
        "attention_bias": False,
        "attn_logit_softcapping": None,
        "head_dim": head_size,
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "layer_types": types,
        "max_position_embeddings": 512,
        "model_type": "gemma3_text",
        "num_attention_heads": heads,
        "num_hidden_layers": len(types),
        "num_key_value_heads": key_heads,
        "query_pre_attn_scalar": 24,  # not the head size
        "rms_norm_eps": 1e-3,
        "rope_local_base_freq": 10000.0,
        "rope_scaling": None,
        "rope_theta": 1000000.0,
        "sliding_window": 16,
        "use_bidirectional_attention": True,
        "vocab_size": vocabulary,
    }
    dense = {"2_Dense": (hidden, 3 * hidden), "3_Dense": (3 * hidden, hidden)}
    _write_files(
        directory,
        config,
        pooling="mean_tokens",
        dimension=hidden,
        max_tokens=512,
        prompts={"query": "task: search result | query: ", "document": "title: none | text: "},
        special_tokens={
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "mask_token": "<mask>",
            "pad_token": "<pad>",
            "sep_token": "</s>",
            "unk_token": "<unk>",
        },
        dense=dense,
    )
    _write_dense(directory, dense, "F32")
    _write_tokenizer(directory, tokenizer_json)
    _write_tensors(directory / "model.safetensors", draw.tensors, "F16")


_MAKERS: dict[str, Callable[[bytes, Path], None]] = {
    "made-gemma3": make_gemma3,
    "made-modernbert": make_modernbert,
    "made-nomic-bert": make_nomic_bert,
    "made-qwen3": make_qwen3,
    "made-qwen3-wide": make_qwen3_wide,
}


def make_rotary_encoder(tokenizer_json: bytes, directory: Path) -> None:
    """Write the fixture that `directory` has the name of."""
    _MAKERS[directory.name](tokenizer_json, directory)


def _write_files(
    directory: Path,
    config: Mapping[str, Any],
    *,
    pooling: str,
    dimension: int,
    max_tokens: int,
    special_tokens: Mapping[str, str],
    prompts: Mapping[str, str] | None = None,
    dense: Mapping[str, tuple[int, int]] | None = None,
) -> None:
    dense = dense or {}
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    modules += [(folder, "Dense") for folder in dense]
    modules.append((f"{len(modules)}_Normalize", "Normalize"))
    files: dict[str, Any] = {
        "config.json": config,
        "modules.json": [
            {
                "idx": index,
                "name": str(index),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for index, (path, kind) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": dimension,
            "pooling_mode_cls_token": pooling == "cls_token",
            "pooling_mode_mean_tokens": pooling == "mean_tokens",
            "pooling_mode_lasttoken": pooling == "lasttoken",
        },
        "sentence_bert_config.json": {"max_seq_length": max_tokens},
        "tokenizer_config.json": {
            "model_max_length": max_tokens,
            "tokenizer_class": "PreTrainedTokenizerFast",
            **special_tokens,
        },
    }
    for folder, (into, out) in dense.items():
        files[f"{folder}/config.json"] = {
            "in_features": into,
            "out_features": out,
            "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity",
        }
    if prompts is not None:
        files["config_sentence_transformers.json"] = {"prompts": prompts}
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        path.write_bytes(text.encode("utf-8"))


def _write_dense(directory: Path, dense: Mapping[str, tuple[int, int]], dtype: str) -> None:
    for folder, (into, out) in dense.items():
        head = _Draw(20261126 + out)
        head.linear("linear", out, into)
        _write_tensors(directory / folder / "model.safetensors", head.tensors, dtype)


def _write_tokenizer(directory: Path, tokenizer_json: bytes) -> None:
    tokenizer = json.loads(tokenizer_json)
    tokenizer["truncation"] = tokenizer["padding"] = None
    text = json.dumps(tokenizer, ensure_ascii=False) + "\n"
    (directory / "tokenizer.json").write_bytes(text.encode("utf-8"))


def _write_tensors(path: Path, tensors: Tensors, dtype: str) -> None:
    """A safetensors file: the length of a JSON header, the header, and the tensors one by one.

    Written here because NumPy has no bfloat16, and the library takes raw bytes in a way of its own
    in each version.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    contents, end = [], 0
    for name, tensor in tensors.items():
        content = _STORED_AS[dtype](tensor)
        offsets = [end, end := end + len(content)]
        header[name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": offsets}
        contents.append(content)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(contents))


def _bfloat16(tensor: NDArray[np.float64]) -> bytes:
    """The upper half of float32, rounded to the nearest and in a tie to the even one."""
    bits: NDArray[np.uint32] = tensor.astype("<f4").view("<u4")
    rounded: NDArray[np.uint16] = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    return rounded.tobytes()


_STORED_AS: dict[str, Callable[[NDArray[np.float64]], bytes]] = {
    "BF16": _bfloat16,
    "F16": lambda tensor: tensor.astype("<f2").tobytes(),
    "F32": lambda tensor: tensor.astype("<f4").tobytes(),
}


def _write_sharded(directory: Path, tensors: Tensors, *, first: set[str]) -> None:
    shards: list[Tensors] = [
        {name: tensor for name, tensor in tensors.items() if (name in first) == in_first}
        for in_first in (True, False)
    ]
    names = [f"model-0000{index}-of-00002.safetensors" for index in (1, 2)]
    for name, shard in zip(names, shards, strict=True):
        _write_tensors(directory / name, shard, "BF16")
    index = {
        "metadata": {"total_size": sum(2 * tensor.size for tensor in tensors.values())},
        "weight_map": {
            tensor: name for name, shard in zip(names, shards, strict=True) for tensor in shard
        },
    }
    text = json.dumps(index, indent=2) + "\n"
    (directory / "model.safetensors.index.json").write_bytes(text.encode("utf-8"))

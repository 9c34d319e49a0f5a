"""A seed and a tokenizer -> small encoders of the family of Qwen3.

In the layout of Qwen3-Embedding, whose checkpoint cannot be fetched everywhere: `made-qwen3` in
bfloat16 and two shards, `made-qwen3-wide` with a Dense module to the 1,024 numbers of the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .drawn_checkpoint import Draw, write_dense, write_files

__all__ = ["make_qwen3", "make_qwen3_wide"]

_QUERY = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
)


def make_qwen3(
    tokenizer_json: bytes, directory: Path, *, dense: Mapping[str, tuple[int, int]] | None = None
) -> None:
    """Write `made-qwen3`; `tokenizer_json` is that of qwen3-embedding."""
    vocabulary, hidden, inner, layers, heads, key_heads, head_size = 151669, 32, 80, 3, 4, 2, 20
    draw = Draw(20261122)
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
    write_files(
        directory,
        config,
        pooling="lasttoken",
        dimension=hidden,
        max_tokens=512,
        prompts={"query": _QUERY, "document": ""},
        special_tokens={"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
        dense=dense,
    )
    (directory / "tokenizer.json").write_bytes(tokenizer_json)
    draw.write(directory, "BF16", first_shard={"embed_tokens.weight"})


def make_qwen3_wide(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-qwen3-wide`: numbers of the size that they have in a vector of the real model.

    Of 32 numbers, each is so large that bfloat16 alone rounds it by up to 1e-3.
    """
    dense = {"2_Dense": (32, 1024)}
    make_qwen3(tokenizer_json, directory, dense=dense)
    write_dense(directory, dense, "BF16")

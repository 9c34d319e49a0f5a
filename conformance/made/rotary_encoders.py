"""A seed and a tokenizer -> small encoders of the families with rotary positions.

Published checkpoints of these families cannot be fetched everywhere, so each is made here in the
layout of its own: those of Qwen3 in `qwen3_encoders.py`; `made-modernbert` below "model." beside a
head of another task, as ModernBERT; `made-nomic-bert` with the names of its authors, as
nomic-embed-text; `made-gemma3` with two Dense modules after pooling, as EmbeddingGemma.
Every rule of shapes is alive: several layers, head sizes that are not the hidden size over the
heads, fewer key heads than query heads, windows far shorter than texts, two rotary bases.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .drawn_checkpoint import Draw, write_dense, write_files, write_tokenizer
from .qwen3_encoders import make_qwen3, make_qwen3_wide

__all__ = ["make_rotary_encoder"]

_BERT_SPECIAL = {
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
    "pad_token": "[PAD]",
    "sep_token": "[SEP]",
    "unk_token": "[UNK]",
}


def make_modernbert(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-modernbert`; `tokenizer_json` is that of all-MiniLM-L6-v2."""
    vocabulary, hidden, inner, layers, heads = 30522, 48, 80, 5, 4
    draw = Draw(20261123)
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
    write_files(
        directory,
        config,
        pooling="cls_token",
        dimension=hidden,
        max_tokens=512,
        special_tokens=_BERT_SPECIAL,
    )
    write_tokenizer(directory, tokenizer_json)
    draw.write(directory, "F32")


def make_nomic_bert(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-nomic-bert`; `tokenizer_json` is that of all-MiniLM-L6-v2."""
    vocabulary, hidden, inner, layers, heads = 30528, 48, 80, 3, 4
    draw = Draw(20261124)
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
    write_files(
        directory,
        config,
        pooling="mean_tokens",
        dimension=hidden,
        max_tokens=512,
        prompts={"query": "search_query: ", "document": "search_document: "},
        special_tokens=_BERT_SPECIAL,
    )
    write_tokenizer(directory, tokenizer_json)
    draw.write(directory, "F16")


def make_gemma3(tokenizer_json: bytes, directory: Path) -> None:
    """Write `made-gemma3`; `tokenizer_json` is that of multilingual-e5-small-q4."""
    vocabulary, hidden, inner, heads, key_heads, head_size = 250037, 36, 80, 3, 1, 16
    types = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
    draw = Draw(20261125)
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
    write_files(
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
    write_dense(directory, dense, "F32")
    write_tokenizer(directory, tokenizer_json)
    draw.write(directory, "F16")


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

"""A seed and a tokenizer -> a small encoder of every family, as Hugging Face directories hold them.

One entry of `MADE` for each: config.json, the tensors by name and shape, and what stands around
them. Between them they hold what published checkpoints do: weights in float16, bfloat16 and
float32, in one file and in shards, names with and without a prefix, heads of other tasks beside the
encoder, several poolings, a Dense and a LayerNorm after it. Sizes are small, but every rule of
shapes is live.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .checkpoint_files import uncut
from .made_checkpoint import Made, Module, Shapes, write_made

__all__ = ["MADE", "make_encoder"]


def make_encoder(tokenizer_json: bytes, directory: Path) -> None:
    """Write the line of `MADE` that has the name of `directory`."""
    write_made(MADE[directory.name], tokenizer_json, directory)


# --- tensors by name ---


def _linear(name: str, out: int, into: int) -> Shapes:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def _norm(name: str, size: int) -> Shapes:
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}


def _embeddings(hidden: int, **rows: int) -> Shapes:
    tables = {f"embeddings.{name}_embeddings.weight": (n, hidden) for name, n in rows.items()}
    return {**tables, **_norm("embeddings.LayerNorm", hidden)}


def _post_norm_layers(
    stack: str, count: int, hidden: int, inner: int, names: tuple[str, ...]
) -> Shapes:
    """`names`: query, key, value, attention output and its norm, the two halves, their norm."""
    query, key, value, output, norm, first, second, last_norm = names
    shapes: Shapes = {}
    for index in range(count):
        for name in (query, key, value, output):
            shapes |= _linear(f"{stack}.{index}.{name}", hidden, hidden)
        shapes |= _norm(f"{stack}.{index}.{norm}", hidden)
        shapes |= _linear(f"{stack}.{index}.{first}", inner, hidden)
        shapes |= _linear(f"{stack}.{index}.{second}", hidden, inner)
        shapes |= _norm(f"{stack}.{index}.{last_norm}", hidden)
    return shapes


_BERT_NAMES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
)
_DISTILBERT_NAMES = (
    "attention.q_lin",
    "attention.k_lin",
    "attention.v_lin",
    "attention.out_lin",
    "sa_layer_norm",
    "ffn.lin1",
    "ffn.lin2",
    "output_layer_norm",
)
_MPNET_NAMES = (
    "attention.attn.q",
    "attention.attn.k",
    "attention.attn.v",
    "attention.attn.o",
    "attention.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
)


# --- tokenizers ---


def _padding_is_1(tokenizer: dict[str, Any]) -> dict[str, Any]:
    """WordPiece with its padding token at 1, where MPNet counts from; [unused0] is at 0."""
    vocab = tokenizer["model"]["vocab"]
    vocab["[PAD]"], vocab["[unused0]"] = 1, 0
    for token in tokenizer["added_tokens"]:
        token["id"] = vocab[token["content"]]
    return uncut(tokenizer)


# --- what stands after the encoder ---


_TRANSFORMER, _NORMALIZE = Module("Transformer"), Module("Normalize")


def _pooling(size: int, *modes: str) -> Module:
    flags = {f"pooling_mode_{mode}": True for mode in modes}
    return Module("Pooling", {"word_embedding_dimension": size, "pooling_mode_cls_token": False,
                              "pooling_mode_mean_tokens": False, **flags})  # fmt: skip


def _dense(into: int, out: int, activation: str) -> Module:
    config = {
        "in_features": into,
        "out_features": out,
        "bias": True,
        "activation_function": f"torch.nn.modules.activation.{activation}",
    }
    return Module("Dense", config, _linear("linear", out, into))


def _layer_norm(size: int) -> Module:
    return Module("LayerNorm", {"dimension": size}, _norm("norm", size))


# --- the checkpoints ---

_WORDS, _PIECES = 30522, 250002  # of the tokenizers of BERT and of XLM-RoBERTa

MADE: dict[str, Made] = {
    # positions from 1, because the padding id of this tokenizer is 0; tanh GELU; two types
    "made-roberta-encoder": Made(
        seed=20261122,
        config={
            "architectures": ["RobertaForMaskedLM"],
            "model_type": "roberta",
            "vocab_size": _WORDS,
            "hidden_size": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "intermediate_size": 104,
            "hidden_act": "gelu_new",
            "max_position_embeddings": 130,
            "type_vocab_size": 2,
            "layer_norm_eps": 1e-5,
            "pad_token_id": 0,
        },
        tensors=_embeddings(48, word=_WORDS, position=130, token_type=2)
        | _post_norm_layers("encoder.layer", 3, 48, 104, _BERT_NAMES),
        others=_linear("lm_head.dense", 48, 48)
        | _norm("lm_head.layer_norm", 48)
        | {"lm_head.bias": (_WORDS,)},
        modules=(_TRANSFORMER, _pooling(48, "cls_token", "max_tokens"), _NORMALIZE),
        tokenizer=uncut,
        max_tokens=129,
        prefix="roberta.",
        dtype="F16",
    ),
    # the real padding id, 1; one type; not normalised; texts are cut before the last position
    "made-xlm-roberta": Made(
        seed=20261123,
        config={
            "architectures": ["XLMRobertaModel"],
            "model_type": "xlm-roberta",
            "vocab_size": _PIECES,
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 40,
            "hidden_act": "gelu",
            "max_position_embeddings": 98,
            "type_vocab_size": 1,
            "layer_norm_eps": 1e-5,
            "pad_token_id": 1,
            "bos_token_id": 0,
            "eos_token_id": 2,
        },
        tensors=_embeddings(16, word=_PIECES, position=98, token_type=1)
        | _post_norm_layers("encoder.layer", 2, 16, 40, _BERT_NAMES),
        others=_linear("pooler.dense", 16, 16),
        modules=(_TRANSFORMER, _pooling(16, "mean_sqrt_len_tokens")),
        tokenizer=uncut,
        max_tokens=80,
        dtype="BF16",
        prompts={"query": "query: ", "passage": "passage: "},
    ),
    # a Dense with tanh, as in distiluse-base-multilingual; two shards
    "made-distilbert": Made(
        seed=20261124,
        config={
            "architectures": ["DistilBertForMaskedLM"],
            "model_type": "distilbert",
            "vocab_size": _WORDS,
            "dim": 32,
            "n_layers": 3,
            "n_heads": 4,
            "hidden_dim": 72,
            "activation": "relu",
            "max_position_embeddings": 128,
            "sinusoidal_pos_embds": True,
            "pad_token_id": 0,
        },
        tensors=_embeddings(32, word=_WORDS, position=128)
        | _post_norm_layers("transformer.layer", 3, 32, 72, _DISTILBERT_NAMES),
        others=_linear("vocab_transform", 32, 32)
        | _norm("vocab_layer_norm", 32)
        | {"vocab_projector.bias": (_WORDS,)},
        modules=(_TRANSFORMER, _pooling(32, "mean_tokens"), _dense(32, 24, "Tanh"), _NORMALIZE),
        tokenizer=uncut,
        max_tokens=128,
        prefix="distilbert.",
        shards=2,
    ),
    # long enough for the last bucket of distances
    "made-mpnet": Made(
        seed=20261125,
        config={
            "architectures": ["MPNetModel"],
            "model_type": "mpnet",
            "vocab_size": _WORDS,
            "hidden_size": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "intermediate_size": 72,
            "hidden_act": "gelu",
            "max_position_embeddings": 162,
            "layer_norm_eps": 1e-5,
            "relative_attention_num_buckets": 32,
            "pad_token_id": 1,
        },
        tensors=_embeddings(32, word=_WORDS, position=162)
        | {"encoder.relative_attention_bias.weight": (32, 4)}
        | _post_norm_layers("encoder.layer", 3, 32, 72, _MPNET_NAMES),
        others=_linear("pooler.dense", 32, 32),
        modules=(_TRANSFORMER, _pooling(32, "weightedmean_tokens"), _layer_norm(32), _NORMALIZE),
        tokenizer=_padding_is_1,
        max_tokens=160,
        dtype="F16",
    ),
}

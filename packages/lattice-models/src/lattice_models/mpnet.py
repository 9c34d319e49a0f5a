"""Packed token ids -> packed hidden states: MPNet (Song et al. 2020).

BERT's layers with a bias on the scores of attention that depends on the distance of two tokens, as
in T5 (Raffel et al. 2019, section 2.1), the same in every layer. Follows `MPNetModel` of Hugging
Face transformers with `add_pooling_layer=False`, in evaluation mode. What config.json cannot change
there is constant here too: the padding id that positions are counted from, and how distances are
put into buckets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .bert import BertConfig
from .config import ConfigFile
from .embeddings import positions_after_padding
from .errors import ConfigError
from .post_norm_layer import LayerNames
from .weights import Weights, open_weights

__all__ = ["MPNet", "MPNetConfig", "distance_buckets", "read_mpnet"]

_LAYER = LayerNames(
    query="attention.attn.q",
    key="attention.attn.k",
    value="attention.attn.v",
    attention_output="attention.attn.o",
    attention_norm="attention.LayerNorm",
    feed_forward_in="intermediate.dense",
    feed_forward_out="output.dense",
    output_norm="output.LayerNorm",
)
_RELATIVE_BIAS = "encoder.relative_attention_bias.weight"  # (buckets, H)
_PREFIXES = ("mpnet.",)
_OTHER = ("pooler.", "lm_head.", "classifier.", "qa_outputs.", "embeddings.position_ids")

_PADDING_ID = 1
_BUCKETS = 32
# Half of the buckets are for each direction. The first 8 hold one distance each; the others grow
# by the root of 2: the smallest integers not below 8 * 2^(i/2). Beyond the last, all are one.
_BUCKET_STARTS = np.array([*range(1, 9), 12, 16, 23, 32, 46, 64, 91])


def distance_buckets(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bucket of a key that stands `offsets` tokens after the query.

    >>> distance_buckets(np.array([0, -1, -12, -1000, 1, 12, 1000])).tolist()
    [0, 1, 9, 15, 17, 25, 31]
    """
    buckets: NDArray[np.int64] = np.searchsorted(_BUCKET_STARTS, np.abs(offsets), side="right")
    return buckets + _BUCKETS // 2 * (offsets > 0)


@dataclass(frozen=True)
class MPNetConfig:
    """The keys of BERT's `config.json`, but for token types."""

    bert: BertConfig

    @property
    def max_positions(self) -> int:
        """Rows of the position embeddings that a text can reach."""
        return self.bert.max_position_embeddings - _PADDING_ID - 1

    @classmethod
    def read(cls, file: ConfigFile) -> MPNetConfig:
        """Read and check them; raises `ConfigError`."""
        # the original takes the size of the table from it, and computes with 32 whatever it says
        file.refuse_unless("relative_attention_num_buckets", _BUCKETS)
        config = cls(BertConfig.read_sizes(file, type_vocab_size=None))
        if config.max_positions < 1:
            raise ConfigError(
                file.field("max_position_embeddings"),
                f"more than {_PADDING_ID + 1}: positions begin after the padding id",
                str(config.bert.max_position_embeddings),
            )
        return config


class MPNet:
    """The encoder."""

    def __init__(self, config: MPNetConfig, weights: Weights) -> None:
        bert = config.bert
        self.hidden_size = bert.hidden_size
        self.vocab_size = bert.vocab_size
        self.max_positions = config.max_positions
        self.embeddings = bert.read_embeddings(weights)
        buckets = weights.take(_RELATIVE_BIAS, (_BUCKETS, bert.num_attention_heads))
        # (H, 2P-1): the bias of every distance, from a key P-1 tokens before the query on
        self.distance_bias = np.ascontiguousarray(
            buckets[distance_buckets(np.arange(1 - self.max_positions, self.max_positions))].T
        )
        self.layers = bert.read_layers(weights, names=_LAYER)
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        positions = positions_after_padding(ids, cu_seqlens, _PADDING_ID)
        hidden = self.embeddings(ids, positions)
        return self.layers(hidden, cu_seqlens, bias=self.score_bias)

    def score_bias(self, length: int) -> NDArray[np.float32]:
        """`(H, length, length)`, queries before keys: a view, so it costs no memory."""
        # A row of keys is a window on the distances; the next query's begins one place before it.
        distances = self.distance_bias[
            :, self.max_positions - length : self.max_positions + length - 1
        ]
        windows = np.lib.stride_tricks.sliding_window_view(distances, length, axis=1)
        return windows[:, ::-1]


def read_mpnet(directory: Path, config: ConfigFile) -> MPNet:
    """The model of a Hugging Face directory."""
    return MPNet(MPNetConfig.read(config), open_weights(directory, prefixes=_PREFIXES))

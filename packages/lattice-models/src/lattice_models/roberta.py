"""Packed token ids -> packed hidden states: RoBERTa (Liu et al. 2019), XLM-RoBERTa, CamemBERT.

BERT's layers and names; positions are counted from the one after the padding id. Follows
`RobertaModel`, `XLMRobertaModel` and `CamembertModel` of Hugging Face transformers, which are one
model under three names, with `add_pooling_layer=False` and in evaluation mode.
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
from .weights import Weights, open_weights

__all__ = ["Roberta", "RobertaConfig", "read_roberta"]

_PREFIXES = ("roberta.",)
_OTHER = ("pooler.", "lm_head.", "classifier.", "qa_outputs.", "embeddings.position_ids")


@dataclass(frozen=True)
class RobertaConfig:
    """The keys of BERT's `config.json`, and the padding id."""

    bert: BertConfig
    pad_token_id: int

    @property
    def max_positions(self) -> int:
        """Rows of the position embeddings that a text can reach."""
        return self.bert.max_position_embeddings - self.pad_token_id - 1

    @classmethod
    def read(cls, file: ConfigFile) -> RobertaConfig:
        """Read and check them; raises `ConfigError`."""
        config = cls(BertConfig.read(file), file.size("pad_token_id", 1, least=0))
        if config.max_positions < 1:
            raise ConfigError(
                file.field("max_position_embeddings"),
                f"more than pad_token_id + 1, {config.pad_token_id + 1}: positions begin after it",
                str(config.bert.max_position_embeddings),
            )
        return config


class Roberta:
    """The encoder."""

    def __init__(self, config: RobertaConfig, weights: Weights) -> None:
        bert = config.bert
        self.hidden_size = bert.hidden_size
        self.vocab_size = bert.vocab_size
        self.max_positions = config.max_positions
        self.padding_id = config.pad_token_id
        self.embeddings = bert.read_embeddings(weights)
        self.layers = bert.read_layers(weights)
        weights.finish(ignored=_OTHER)

    def __call__(
        self, ids: NDArray[np.integer], cu_seqlens: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """`ids` `(T,)`, `cu_seqlens` `(n+1,)` -> hidden states `(T, D)`."""
        positions = positions_after_padding(ids, cu_seqlens, self.padding_id)
        hidden = self.embeddings(ids, positions)
        return self.layers(hidden, cu_seqlens)


def read_roberta(directory: Path, config: ConfigFile) -> Roberta:
    """The model of a Hugging Face directory."""
    return Roberta(RobertaConfig.read(config), open_weights(directory, prefixes=_PREFIXES))

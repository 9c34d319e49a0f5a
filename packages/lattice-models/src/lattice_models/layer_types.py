"""`config.json` -> which layers see a whole text and which only a window of it, if it lists them.

Transformers 5 writes a name for each layer under `layer_types`; before, every family had a rule.
"""

from __future__ import annotations

from .config import ConfigFile
from .errors import ConfigError, UnsupportedModelError

__all__ = ["FULL", "SLIDING", "read_layer_types"]

FULL, SLIDING = "full_attention", "sliding_attention"


def read_layer_types(file: ConfigFile, num_layers: int) -> tuple[str, ...] | None:
    """`FULL` or `SLIDING` for each layer; `None` where the rule of the family holds."""
    field, listed = file.field("layer_types"), file.content.get("layer_types")
    if listed is None:
        return None
    if not isinstance(listed, list):
        raise ConfigError(field, "a list of names", repr(listed))
    for name in listed:
        if name not in (FULL, SLIDING):
            raise UnsupportedModelError(field, f"{FULL} or {SLIDING}", repr(name))
    if len(listed) != num_layers:
        raise ConfigError(
            field, f"{num_layers} names, as many as num_hidden_layers", str(len(listed))
        )
    return tuple(listed)

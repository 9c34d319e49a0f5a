"""`--tier hub`: the folder of the real Qwen3-Embedding-0.6B, or why there is none."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lattice_embed import EmbedError
from lattice_embed.model_files import locate_model

__all__ = ["HUB_MODEL", "HubTierError", "hub_folder", "require_hub_tier"]

HUB_MODEL = "qwen3-embedding-0.6b"
# the expectations of this tier are computed by these, when it runs
_ORACLE = ("torch", "transformers", "sentence_transformers", "tokenizers")


class HubTierError(Exception):
    """What the tier needs and does not find."""


def hub_folder() -> Path:
    """The folder of the model; raises `HubTierError` naming its files and how to bring them."""
    try:
        return locate_model(HUB_MODEL).directory
    except EmbedError as error:
        raise HubTierError(
            f"--tier hub: the weights are missing; nothing was tested.\n{error}\n"
            "LATTICE_MODEL_DIR names another directory for models, HF_HOME another cache."
        ) from error


def require_hub_tier() -> None:
    """Raise `HubTierError` unless the tier can be run here."""
    hub_folder()
    missing = [name for name in _ORACLE if find_spec(name) is None]
    if missing:
        raise HubTierError(
            f"--tier hub: expected {', '.join(_ORACLE)}, received no {missing[0]}; nothing was "
            "tested.\nInstall what computes the expectations:  pip install --group oracle"
        )

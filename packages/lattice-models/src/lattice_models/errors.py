"""One error tree: every error of this package is a `ModelError`.

Each carries `field` (what was wrong: a file, a key, a tensor, an argument), `expected` and
`received`, and its message says all three and what to do.
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "InputError",
    "ModelError",
    "ModelFilesError",
    "PickleRefusedError",
    "PoolingNotStatedError",
    "UnsupportedModelError",
    "WeightsError",
]


class ModelError(ValueError):
    """Base of all errors of `lattice_models`.

    >>> print(ModelError("ids[3]", "an id below 30522", "99999"))
    ids[3]: expected an id below 30522, received 99999.
    """

    def __init__(self, field: str, expected: str, received: str, advice: str = "") -> None:
        self.field = field
        self.expected = expected
        self.received = received
        self.advice = advice
        super().__init__(field, expected, received, advice)

    def __str__(self) -> str:
        message = f"{self.field}: expected {self.expected}, received {self.received}."
        return f"{message} {self.advice}" if self.advice else message


class ModelFilesError(ModelError):
    """A directory or file of the model that is missing or cannot be read."""


class PickleRefusedError(ModelFilesError):
    """Weights exist only as a pickle, which can run code when it is opened."""


class ConfigError(ModelError):
    """A configuration file that is malformed or contradicts itself."""


class UnsupportedModelError(ConfigError):
    """A model type, activation or module that this version does not implement."""


class PoolingNotStatedError(ConfigError):
    """No file says how token vectors become one vector, and no `pooling` was given."""


class WeightsError(ModelError):
    """A tensor that is missing, unexpected, of the wrong shape, or not finite."""


class InputError(ModelError):
    """Token ids or `cu_seqlens` that are no packed batch for this model."""

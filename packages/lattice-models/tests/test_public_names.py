"""`lattice_models/__init__.py`: what it exports."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import lattice_models
import pytest

MODULES = ["lattice_models"] + [
    f"lattice_models.{module.name}" for module in pkgutil.iter_modules(lattice_models.__path__)
]


def in_ruff_order(names: list[str]) -> list[str]:
    """CONSTANTS, then Classes, then functions: rule RUF022."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_all_is_exactly_the_public_names() -> None:
    public = {
        name
        for name, value in vars(lattice_models).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert set(lattice_models.__all__) == public | {"__version__"}


@pytest.mark.parametrize("name", MODULES)
def test_every_exported_name_exists_once_and_in_order(name: str) -> None:
    module = importlib.import_module(name)
    exported: list[str] = getattr(module, "__all__", [])
    assert [n for n in exported if not hasattr(module, n)] == []
    assert exported == in_ruff_order(list(dict.fromkeys(exported)))


def test_version_is_three_numbers() -> None:
    assert [part.isdigit() for part in lattice_models.__version__.split(".")] == [True] * 3

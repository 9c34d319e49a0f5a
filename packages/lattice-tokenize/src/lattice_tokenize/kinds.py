"""The name of a kind of component -> its class, imported when somebody names it.

A tokenizer uses a few of some fifty kinds, and a program that tokenizes should start quickly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

__all__ = ["Kinds"]


class Kinds(Mapping[str, type]):
    """The classes of a package, each in a module of its own or with its relatives.

    >>> kinds = Kinds("lattice_tokenize.decoders", {"Fuse": "fuse"})
    >>> kinds["Fuse"].__name__, list(kinds)
    ('Fuse', ['Fuse'])
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._modules = modules

    def __getitem__(self, name: str) -> type:
        module = import_module(f"{self._package}.{self._modules[name]}")
        kind: type = getattr(module, name)
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def attribute(self, name: str) -> type:
        """For the `__getattr__` of the package."""
        if name not in self._modules:
            raise AttributeError(f"module {self._package!r} has no attribute {name!r}")
        return self[name]

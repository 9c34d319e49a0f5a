"""`__all__` holds what there is, and nothing else."""

from __future__ import annotations

import lattice_embed


def test_every_name_exists_and_none_is_missing() -> None:
    names = set(lattice_embed.__all__)
    assert all(hasattr(lattice_embed, name) for name in names)
    modules = {n for n, value in vars(lattice_embed).items() if type(value).__name__ == "module"}
    public = {name for name in vars(lattice_embed) if not name.startswith("_")} - modules
    assert public | {"__version__"} == names

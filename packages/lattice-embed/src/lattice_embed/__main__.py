"""`python -m lattice_embed` is `lattice-embed`."""

from .cli import main

main(prog_name="lattice-embed")

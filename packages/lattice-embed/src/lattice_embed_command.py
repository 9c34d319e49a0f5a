"""The command `lattice-embed` as it is installed: loads the rest, and can be stopped meanwhile.

Beside the package and not in it: to import anything of `lattice_embed` takes the time in which a
Ctrl-C would be told as a traceback.
"""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line. Ctrl-C ends it with exit code 130, also while it is being loaded."""
    try:
        from lattice_embed.cli import main as command
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)
    command(prog_name="lattice-embed")

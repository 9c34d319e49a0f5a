"""The command `lattice-embed`: one module per command, put together here.

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 the input
or the model is not as it should be, 2 the command line itself is not understood, 130 stopped by
Ctrl-C.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any

import click
from lattice_models import ModelError
from lattice_tokenize import TokenizeError

from ..errors import EmbedError
from .cache import cache
from .doctor import doctor
from .embed import embed
from .info import info
from .mistakes import tell
from .models import models, pull
from .search import search
from .similarity import similarity
from .tokenize import tokenize
from .verify import verify

__all__ = ["is_closed_pipe", "main"]

_INTERRUPTED = 130  # what a shell reports of a program that SIGINT ended


class _Commands(click.Group):
    """Turns an error that a user can mend into a few lines, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return self._run(ctx)
        except click.ClickException as error:
            tell(error)
            sys.exit(error.exit_code)

    def _run(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (EmbedError, ModelError, TokenizeError) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if is_closed_pipe(error):  # the reader, `head` for one, has seen enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(0)
            # a full disk, a directory that nobody may write into
            place = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{place}{error.strerror or error}") from error
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            sys.exit(_INTERRUPTED)
        except click.Abort as error:  # of a question: "no", the end of the input, or Ctrl-C
            if not isinstance(error.__context__, KeyboardInterrupt):
                raise
            click.echo("\nStopped.", err=True)
            sys.exit(_INTERRUPTED)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which a newcomer needs them


def is_closed_pipe(error: OSError) -> bool:
    """Whether nobody reads what is written any more; Windows may call it an invalid argument."""
    invalid = os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    return invalid or isinstance(error, BrokenPipeError)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lattice-embed")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Turn text into vectors on this machine's CPU, and search with them.

    \b
    Try:
      lattice-embed search "how do I ask for a refund?" notes/*.md
      lattice-embed embed "one text" "another text"
      lattice-embed embed --file lines.txt --output vectors.npy
      lattice-embed similarity "a cat" "a kitten" "the stock market"

    The first use downloads the model (91 MB) into the cache directory;
    LATTICE_CACHE_DIR moves that. Every file is checked against a known hash.
    NO_COLOR turns colours off.

    \b
    Exit codes:
      0    done
      1    the input or the model is not as it should be
      2    the command line is not understood
      130  stopped by Ctrl-C
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a text may have letters that it cannot write
            stream.reconfigure(errors="backslashreplace")


for _command in (
    search,
    embed,
    similarity,
    tokenize,
    models,
    info,
    pull,
    verify,
    cache,
    doctor,
):
    main.add_command(_command)

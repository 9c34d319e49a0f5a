"""Options that several commands share, and the service that they describe."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from ..catalog import DEFAULT_MODEL
from ..embeddings import PRECISIONS, Embeddings
from ..native_service import NativeEmbeddingService
from ..overflow import OVERFLOWS
from ..role import EmbeddingRole

__all__ = ["cache_option", "file_options", "model_option", "role_options", "service_options"]

Command = TypeVar("Command", bound=Callable[..., Any])

model_option = click.option(
    "--model",
    "-m",
    default=DEFAULT_MODEL,
    show_default=True,
    metavar="MODEL",
    help="A catalog name, a hub id (owner/name) or a directory.",
)


cache_option = click.option(
    "--cache/--no-cache",
    "use_cache",
    default=True,
    show_default=True,
    help="Keep vectors on this machine, and take those that earlier runs kept.",
)


def role_options(command: Command) -> Command:
    """`role`, an `EmbeddingRole`, and `prompt`."""

    @click.option("--role", type=click.Choice([role.value for role in EmbeddingRole]),
                  default="generic", show_default=True,
                  help="What the texts are for; some models want an instruction.")  # fmt: skip
    @click.option("--prompt", metavar="TEXT",
                  help="Put this before each text, whatever the role says.")  # fmt: skip
    @wraps(command)
    def with_role(*, role: str, **options: Any) -> Any:
        return command(role=EmbeddingRole(role), **options)

    return with_role  # type: ignore[return-value] # click reads the options, not the signature


class _Quiet(NativeEmbeddingService):
    """A command tells of texts that were cut in its own way, of those from the cache too."""

    def _tell_of_a_cut(self, embeddings: Embeddings) -> None:
        return


def service_options(command: Command) -> Command:
    """`service`, made of --model, --on-overflow, --output-dim and --precision."""

    @model_option
    @click.option("--on-overflow", type=click.Choice(OVERFLOWS), default="truncate",
                  show_default=True, help="What to do with a text that is too long for the "
                  "model: refuse it, cut its end off, or read it in chunks.")  # fmt: skip
    @click.option("--output-dim", type=int, metavar="D",
                  help="Keep the first D numbers of each vector.")  # fmt: skip
    @click.option("--precision", type=click.Choice(PRECISIONS), default="float32",
                  show_default=True, help="What the numbers are.")  # fmt: skip
    @wraps(command)
    def with_service(
        *, model: str, on_overflow: Any, output_dim: int | None, precision: Any, **options: Any
    ) -> Any:
        service = _Quiet(model, on_overflow=on_overflow, output_dim=output_dim, precision=precision)
        return command(service=service, **options)

    return with_service  # type: ignore[return-value] # click reads the options, not the signature


def file_options(command: Command) -> Command:
    """`file` and `column`: where texts come from if they are not arguments."""
    command = click.option(
        "--column", metavar="NAME",
        help="The column or field that holds the texts; `text` if not given.",
    )(command)  # fmt: skip
    return click.option(
        "--file", "-f", type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        help="Take the texts from a .jsonl, .csv, .tsv or .parquet file, or the lines of any "
        "other; - is standard input.",
    )(command)  # fmt: skip

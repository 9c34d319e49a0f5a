"""`lattice-embed search`: a query and files -> their passages, the most similar first."""

from __future__ import annotations

import click
import numpy as np

from ..native_service import NativeEmbeddingService
from ..role import EmbeddingRole
from .cached import in_front_of
from .json_output import print_json
from .options import cache_option, model_option
from .passages import Passage, read_passages
from .printable import printable
from .progress import embed_with_progress

__all__ = ["search"]

_SHOWN_LINES = 4
_SHOWN_COLUMNS = 72


@click.command()
@click.argument("query")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, readable=True)
)
@click.option("--top", "-k", type=click.IntRange(1), default=5, show_default=True,
              help="How many passages to show.")  # fmt: skip
@click.option("--by", type=click.Choice(["paragraph", "line"]), default="paragraph",
              show_default=True, help="What a passage is.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object per passage.")
@cache_option
@model_option
def search(
    *,
    query: str,
    files: tuple[str, ...],
    top: int,
    by: str,
    as_json: bool,
    use_cache: bool,
    model: str,
) -> None:
    """Rank the passages of FILES by meaning.

    What counts is what they mean, not the words that they share with QUERY. A
    passage that is too long for the model is read in chunks. Vectors are kept,
    so the second search of the same files is quick.

    \b
    Example:
      lattice-embed search "what do I do when the disk is full?" docs/*.md
    """
    passages = [passage for path in files for passage in read_passages(path, by=by)]
    if not passages:
        raise click.ClickException("The files hold no text to search.")
    texts = [passage.text for passage in passages]
    native = NativeEmbeddingService(model, on_overflow="chunk")
    with in_front_of(native, use=use_cache) as service:
        wanted = service.embed_query(query)
        vectors = embed_with_progress(service, texts, EmbeddingRole.PASSAGE)
    scores = vectors @ wanted
    for index in np.argsort(-scores, kind="stable")[:top]:
        _show(passages[index], float(scores[index]), as_json=as_json)


def _show(passage: Passage, score: float, *, as_json: bool) -> None:
    if as_json:
        fields = {"score": round(score, 6), "file": passage.path, "line": passage.line}
        print_json({**fields, "text": passage.text})
        return
    place = click.style(printable(f"{passage.path}:{passage.line}"), fg="cyan")
    click.echo(f"{click.style(f'{score:.3f}', fg='green', bold=True)}  {place}")
    for line in _shown_lines(passage.text):
        click.echo(f"       {line}")


def _shown_lines(text: str) -> list[str]:
    from rich.console import Console
    from rich.text import Text  # which knows the letters that are two columns wide

    lines = Text(printable(" ".join(text.split()))).wrap(Console(), _SHOWN_COLUMNS)
    if len(lines) > _SHOWN_LINES:
        last = lines[_SHOWN_LINES - 1]
        last.truncate(_SHOWN_COLUMNS - len(" ..."))
        last.rstrip()
        last.append(" ...")
    return [line.plain.rstrip() for line in lines[:_SHOWN_LINES]]

"""`lattice-embed tokenize`: texts -> what a model reads of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any, NamedTuple

import click

from ..native_service import NativeEmbeddingService
from ..role import EmbeddingRole
from .json_output import print_json
from .options import file_options, model_option, role_options
from .printable import printable
from .texts import read_texts

__all__ = ["tokenize"]

# neighbours differ, on a dark and on a light ground
_STYLES = ("cyan", "magenta", "green", "yellow")


class Reader:
    """A model as something that reads texts."""

    def __init__(self, model: str) -> None:
        self._service = NativeEmbeddingService(model)
        # the tokenizer's own limit and padding are not what the service goes by
        self._tokenizer = copy(self._service.tokenizer)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def read(self, text: str, role: EmbeddingRole, prompt: str | None) -> Pieces:
        """The ids are those of `service.tokenize`; the tokenizer tells what they stand for."""
        instruction = self._service.instruction(role, prompt)
        (ids,) = self._service.tokenize([text], role=role, prompt=prompt)
        encoding = self._tokenizer.encode(instruction + text)
        kept = len(ids) - sum(encoding.special_tokens_mask)
        pieces: list[Piece] = []
        for token, token_id, (start, stop), special in zip(
            encoding.tokens,
            encoding.ids,
            encoding.offsets,
            encoding.special_tokens_mask,
            strict=True,
        ):
            kept -= not special
            if special or kept >= 0:
                pieces.append(Piece(token, token_id, start, stop, bool(special)))
        assert [piece.id for piece in pieces] == ids.tolist()
        name = self._service.model_name
        return Pieces(name, instruction, instruction + text, pieces, len(encoding.ids))


class Piece(NamedTuple):
    """A token that the model is given. `start`, `stop`: its characters, instruction included."""

    token: str
    id: int
    start: int
    stop: int
    is_special: bool


class Pieces(NamedTuple):
    """What a model is given of a text. `token_count` counts also what was cut off."""

    model: str
    instruction: str
    text: str
    pieces: list[Piece]
    token_count: int


@click.command()
@click.argument("texts", nargs=-1)
@file_options
@click.option("--compare", metavar="MODEL", help="Show what another model reads, beside it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each text.")
@role_options
@model_option
def tokenize(
    *,
    texts: tuple[str, ...],
    file: str | None,
    column: str | None,
    compare: str | None,
    as_json: bool,
    role: EmbeddingRole,
    prompt: str | None,
    model: str,
) -> None:
    """Show the tokens that a model reads of TEXTS.

    They are exactly what it is given, with instruction, special tokens and limit. Each comes with
    its id and with the characters that it stands for, counted in the text behind its instruction.

    \b
    Examples:
      lattice-embed tokenize "Lattices, everywhere!"
      lattice-embed tokenize "how?" --role query --model e5-small
      lattice-embed tokenize "naïve" --compare e5-small
    """
    source = read_texts(texts, file, column)
    readers = [Reader(name) for name in (model, compare) if name is not None]
    count = 0
    for text in source:
        count += 1
        columns = [reader.read(text, role, prompt) for reader in readers]
        if as_json:
            for one in columns:
                print_json(_fields(one))
        elif len(columns) == 1:
            _show(columns[0])
        else:
            _show_beside(columns)
    if not count:
        raise click.ClickException("There is no text to tokenize.")


def _fields(one: Pieces) -> dict[str, Any]:
    return {
        "model": one.model,
        "text": one.text,
        "tokens": [piece.token for piece in one.pieces],
        "ids": [piece.id for piece in one.pieces],
        "offsets": [[piece.start, piece.stop] for piece in one.pieces],
        "token_count": one.token_count,
    }


def _told(one: Pieces) -> str:
    told = f"{one.model}: {one.token_count} tokens"
    cut = one.token_count - len(one.pieces)
    return f"{told}, of which the last {cut} of the text are cut off" if cut else told


def _show(one: Pieces) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(_told(one), style="bold"))
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("token", overflow="fold")
    table.add_column("id", justify="right")
    table.add_column("offsets", justify="right")
    table.add_column("text", overflow="fold")
    for index, piece in enumerate(one.pieces):
        style = "dim" if piece.is_special else _STYLES[index % len(_STYLES)]
        text = one.text[piece.start : piece.stop]
        table.add_row(
            Text(printable(piece.token), style=style),
            str(piece.id),
            "" if piece.is_special else f"{piece.start}-{piece.stop}",
            Text(printable(text), style=style),
        )
    console.print(table)


def _show_beside(columns: Sequence[Pieces]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for one in columns:
        console.print(Text(_told(one), style="bold"))
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("text", overflow="fold")
    for one in columns:
        table.add_column(one.model, overflow="fold")
    for row in _rows(columns):
        tokens = [[piece.token for piece in pieces] for pieces in row]
        same = tokens[0] == tokens[1]
        cells = [Text(_characters(columns, row), style="dim" if same else "bold")]
        for pieces in row:
            cell = Text()
            for index, piece in enumerate(pieces):
                style = "dim" if same or piece.is_special else _STYLES[index % len(_STYLES)]
                cell.append(printable(piece.token), style=style)
                cell.append(f" {piece.id}  ", style="dim")
            cells.append(cell)
        table.add_row(*cells)
    console.print(table)


def _characters(columns: Sequence[Pieces], row: Sequence[Sequence[Piece]]) -> str:
    """What the pieces of a row stand for."""
    for one, pieces in zip(columns, row, strict=True):
        ordinary = [piece for piece in pieces if not piece.is_special]
        if ordinary:
            return printable(one.text[ordinary[0].start : ordinary[-1].stop])
    return ""


def _rows(columns: Sequence[Pieces]) -> Iterator[list[list[Piece]]]:
    """The pieces of two models side by side, cut wherever a piece of both ends."""
    queues = [list(one.pieces) for one in columns]
    yield [_take_special(queue) for queue in queues]
    while any(queue and not queue[0].is_special for queue in queues):
        row: list[list[Piece]] = [[], []]
        ends = [-math.inf, -math.inf]
        while True:
            # the one that is behind takes the next piece, until both end at the same place
            behind = 0 if ends[0] <= ends[1] else 1
            ready = [i for i in (behind, 1 - behind) if queues[i] and not queues[i][0].is_special]
            if not ready or (row[0] and row[1] and ends[0] == ends[1]):
                break
            side = ready[0]
            piece = queues[side].pop(0)
            row[side].append(piece)
            # counted from where the user's text begins, for instructions differ
            ends[side] = piece.stop - len(columns[side].instruction)
        yield row
    yield [_take_special(queue) for queue in queues]


def _take_special(queue: list[Piece]) -> list[Piece]:
    taken = []
    while queue and queue[0].is_special:
        taken.append(queue.pop(0))
    return taken

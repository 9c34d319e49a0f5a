"""The bar of a long run: on a terminal only, and only once it takes its time."""

from __future__ import annotations

import io

import pytest
from lattice_embed.cli.progress import show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet_s", "shown"),
    [(Terminal(), -1.0, True), (Terminal(), 60.0, False), (io.StringIO(), -1.0, False)],
)
def test_where_and_when_a_bar_is_shown(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet_s: float, shown: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("lattice_embed.cli.progress._QUIET_S", quiet_s)
    with show_progress(300, began_with_texts=50) as progress:
        for done in (100, 200, 300):
            progress.update(done=done, texts=done)
    told = stream.getvalue()
    assert ("Embedding" in told and "300 texts, " in told and "ETA" in told) is shown
    assert bool(told) is shown


def test_an_input_whose_length_is_not_known_has_a_bar_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("lattice_embed.cli.progress._QUIET_S", -1.0)
    with show_progress(None) as progress:
        progress.update(done=7, texts=7)
    assert "7 texts, " in stream.getvalue()

"""Subjects, a seed and a budget -> how many strings were compared, and on which the engines differ.

A run that compared nothing has not passed (F1). Strings are counted, not comparisons: each is an
input, and all its fields together count once.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random

from .differ import Difference, Duel, Outcome, Refusal, tried
from .forms import Form, Input, random_form, random_inputs
from .shrink import shrunk, shrunk_form
from .subjects import Open, Subject
from .texts import of_document

__all__ = ["Failure", "Fuzzer", "Totals"]

_BATCH, _PADDED = 200, 20
_HANGS_S = 300.0  # a batch takes milliseconds
_TOLD = 300  # characters of a text that are printed then


@dataclass(frozen=True)
class Failure:
    """A shrunk input on which the engines differ; `sample` is `None` where a file itself did.

    `alone`: whether it fails without the batch that it came in.
    """

    subject: Subject
    form: Form
    sample: Input | None
    difference: Difference
    tag: str
    alone: bool = True


@dataclass
class Totals:
    """`strings` were asked; both engines gave an encoding for `answered` of them, `tokens` long."""

    subjects: int = 0
    strings: int = 0
    answered: int = 0
    refused: int = 0
    panicked: int = 0
    tokens: int = 0
    files_refused: int = 0
    seconds: float = 0.0
    tags: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    @property
    def complaint(self) -> str:
        """Why a run without failures is no pass; empty where it is one."""
        if self.answered == 0 or self.tokens == 0:
            return (
                f"nothing was compared: {self.strings} strings asked, {self.answered} answered by "
                f"both with {self.tokens} tokens, {self.files_refused} files refused"
            )
        return ""

    @property
    def passed(self) -> bool:
        return not self.failures and not self.complaint


class Fuzzer:
    """Holds an engine against the oracle until `strings`, `seconds` or `failures` are reached.

    After `failures_each` of one subject comes the next.
    """

    def __init__(
        self,
        oracle: Open,
        engine: Open,
        *,
        seed: int,
        seconds: float | None = None,
        failures: int = 3,
        failures_each: int = 3,
        batch: int = _BATCH,
    ) -> None:
        self._oracle, self._engine = oracle, engine
        self._seed, self._batch = seed, batch
        self._most, self._each = failures, failures_each
        self._end = None if seconds is None else time.monotonic() + seconds
        self.totals = Totals()

    @property
    def done(self) -> bool:
        late = self._end is not None and time.monotonic() >= self._end
        return late or len(self.totals.failures) >= self._most

    def run(self, subjects: Iterable[Subject], strings: int) -> Totals:
        """So many strings for each subject."""
        start = time.monotonic()
        for subject in subjects:
            if self.done:
                break
            self._run_one(subject, strings)
        self.totals.seconds += time.monotonic() - start
        return self.totals

    def _run_one(self, subject: Subject, strings: int) -> None:
        totals = self.totals
        totals.subjects += 1
        duel = self._open(subject)
        if duel is None:
            return
        maker = of_document(self._seed, subject.document)
        options = Random(f"forms of {self._seed}")
        asked = 0
        before = len(totals.failures)
        while asked < strings and not self.done and len(totals.failures) - before < self._each:
            form = random_form(options, as_filed=asked == 0)
            # one long text makes all of its batch long where it is padded
            padded = form.padding or (form.as_filed and subject.document.get("padding"))
            count = min(_PADDED if padded else self._batch, strings - asked, self._batch)
            inputs, tags = random_inputs(maker, form, count)
            longest = max(map(ascii, inputs), key=len)
            place = f"{subject.name}, {count} strings after {asked} of seed {self._seed}"
            with _watched(f"{place} ({form}), the longest {longest[:_TOLD]}"):
                outcome = duel.ask(form, inputs)
            asked += count
            totals.strings += count
            totals.answered += outcome.answered
            totals.refused += outcome.refused
            totals.panicked += outcome.panicked
            totals.tokens += outcome.tokens
            totals.tags.update(tags)
            if outcome.difference:
                failure = _smallest(duel, subject, form, inputs, tags, outcome.difference)
                totals.failures.append(failure)

    def _open(self, subject: Subject) -> Duel | None:
        """Both tokenizers, or `None` where the file is refused, by both or by one."""
        oracle, engine = tried(self._oracle, subject.text), tried(self._engine, subject.text)
        wrong = None
        if isinstance(oracle, Refusal):
            self.totals.files_refused += 1
            if not isinstance(engine, Refusal):
                wrong = Difference(0, "the file", oracle, "a tokenizer")
        elif isinstance(engine, Refusal):
            wrong = Difference(0, "the file", "a tokenizer", engine)
        if wrong:
            self.totals.failures.append(Failure(subject, Form(), None, wrong, ""))
        if isinstance(oracle, Refusal) or isinstance(engine, Refusal):
            return None
        return Duel(oracle, engine)


@contextmanager
def _watched(what: str) -> Iterator[None]:
    """End the process, and say on what, if the block does not end: no engine can be interrupted."""

    def give_up() -> None:
        print(f"HANGS for {_HANGS_S:.0f} s: {what}", flush=True)
        os._exit(1)

    timer = threading.Timer(_HANGS_S, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _smallest(
    duel: Duel,
    subject: Subject,
    form: Form,
    inputs: list[Input],
    tags: list[str],
    difference: Difference,
) -> Failure:
    """The first failing input of a batch, as small as it fails still."""
    sample, tag = inputs[difference.index], tags[difference.index]

    def outcome(form: Form, sample: Input) -> Outcome:
        return duel.ask(form, [sample])

    if outcome(form, sample).difference is None:  # it takes the whole batch
        return Failure(subject, form, sample, difference, tag, alone=False)
    form = shrunk_form(form, lambda f: outcome(f, sample).difference is not None)
    sample = shrunk(sample, lambda s: outcome(form, s).difference is not None)
    form = shrunk_form(form, lambda f: outcome(f, sample).difference is not None)
    last = outcome(form, sample).difference
    assert last is not None
    return Failure(subject, form, sample, replace(last, index=0), tag)

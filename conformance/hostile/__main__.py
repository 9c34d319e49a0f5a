"""`python -m conformance.hostile`: an engine against the hostile files, or the oracle, recorded."""

from __future__ import annotations

import sys
from collections import Counter

import click

from .recipes import entries
from .run import hold, lint, record


@click.command()
@click.option("--engine", type=click.Choice(["lattice", "tokenizers"]), default="lattice")
@click.option("--only", default="", help="Only ids that hold this.")
@click.option("--record", "recording", is_flag=True, help="Ask the oracle, and write oracle.jsonl.")
def main(engine: str, only: str, recording: bool) -> None:
    """Exit codes: 0 every answer is as it must be, 1 one is not, or nothing was asked."""
    if recording:
        click.echo(f"recorded {record()} of {len(entries())}")
    problems = lint()
    counts: Counter[str] = Counter()
    for result in hold(engine, only=only) if not problems else ():
        counts[result.received["says"]] += 1
        if result.message:
            problems.append(f"{result.entry.id}: {result.message}")
    for problem in problems:
        click.echo(problem)
    total = sum(counts.values())
    told = ", ".join(f"{engine} {says} {number}" for says, number in sorted(counts.items()))
    click.echo(f"{total} hostile files: {told}; {len(problems)} not as they must be")
    sys.exit(1 if problems or not total else 0)


main()

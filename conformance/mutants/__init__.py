"""Deliberately wrong engines, each of which the suite must catch."""

from .hunt import MUTANTS, Catch, hunt, ledger_is_strict, may_notice, missed_by_right_engine
from .mutant import Mutant

__all__ = [
    "MUTANTS",
    "Catch",
    "Mutant",
    "hunt",
    "ledger_is_strict",
    "may_notice",
    "missed_by_right_engine",
]

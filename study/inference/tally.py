"""How many changes help, hurt or are undecided, in one sentence."""

from collections.abc import Iterator, Sequence

from study.inference.effects import Effect, Verdict
from study.space.printable import printable
from study.terminal import Digits

_ENDS = {
    "helps": ("helps", "help"),
    "hurts": ("hurts", "hurt"),
    "no difference": ("makes no difference", "make no difference"),
    "undecided": ("is undecided", "are undecided"),
    "confounded": ("is confounded", "are confounded"),
}


def tally(effects: Sequence[Effect]) -> str:
    """Returns how many of these effects have which verdict. Of those that are shown, the largest is named."""
    clauses = [_clause(effects, verdict) for verdict in ("helps", "hurts")]
    rest = [text for verdict in ("no difference", "undecided", "confounded") for text in _rest(effects, verdict)]
    changes = "Of one change" if len(effects) == 1 else f"Of {len(effects):,} changes"
    return printable(f"{changes}, {'; '.join([*clauses, *rest])}.")


def _clause(effects: Sequence[Effect], verdict: Verdict) -> str:
    shown = [effect for effect in effects if effect.verdict == verdict]
    if not shown:
        return f"none {_ENDS[verdict][0]}"
    largest = max(shown, key=lambda effect: abs(effect.difference))
    digits = Digits.of([largest.difference], halves=[largest.high - largest.difference])
    named = f"{largest.point} ({digits.show(largest.difference, signed=True)})"
    most = "most of all " if len(shown) > 1 else ""
    return f"{len(shown):,} {_ENDS[verdict][len(shown) > 1]}, {most}{named}"


def _rest(effects: Sequence[Effect], verdict: Verdict) -> Iterator[str]:
    if number := sum(effect.verdict == verdict for effect in effects):
        yield f"{number:,} {_ENDS[verdict][number > 1]}"

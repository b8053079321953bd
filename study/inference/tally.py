"""How many changes help, hurt or are undecided, in one sentence."""

from collections.abc import Iterator, Mapping, Sequence

from study.inference.effects import Effect
from study.inference.verdict_rule import FEWEST_SEEDS, Verdict
from study.space.printable import printable
from study.terminal import Digits

_ENDS: Mapping[Verdict, tuple[str, str]] = {
    "helps": ("helps", "help"),
    "hurts": ("hurts", "hurt"),
    "looks better": ("looks better", "look better"),
    "looks worse": ("looks worse", "look worse"),
    "no difference": ("makes no difference", "make no difference"),
    "undecided": ("is undecided", "are undecided"),
    "confounded": ("is confounded", "are confounded"),
}


def tally(effects: Sequence[Effect]) -> str:
    """Returns how many of these effects have which verdict. The largest that helps or hurts is named."""
    clauses = [text for verdict in _SHOWN for text in _named(effects, verdict)] or ["none helps or hurts"]
    rest = [text for verdict in _NOT_SHOWN for text in _counted(effects, verdict)]
    changes = "Of one change" if len(effects) == 1 else f"Of {len(effects):,} changes"
    return printable(f"{changes}, {'; '.join([*clauses, *rest])}.")


def _named(effects: Sequence[Effect], verdict: Verdict) -> Iterator[str]:
    shown = [effect for effect in effects if effect.verdict == verdict]
    if shown:
        largest = max(shown, key=lambda effect: abs(effect.difference))
        digits = Digits.of([largest.difference], halves=[largest.high - largest.difference])
        most = "most of all " if len(shown) > 1 else ""
        text = f"{most}{largest.point} ({digits.show(largest.difference, signed=True)})"
        yield f"{len(shown):,} {_ENDS[verdict][len(shown) > 1]}, {text}"


def _counted(effects: Sequence[Effect], verdict: Verdict) -> Iterator[str]:
    mine = [effect for effect in effects if effect.verdict == verdict]
    without = sum(verdict == "undecided" and not effect.look and effect.fewest_seeds < FEWEST_SEEDS for effect in mine)
    if number := len(mine) - without:
        yield f"{number:,} {_ENDS[verdict][number > 1]}"
    if without:
        yield f"{without:,} {'have' if without > 1 else 'has'} too few seeds for a verdict"


_SHOWN: tuple[Verdict, ...] = ("helps", "hurts", "looks better", "looks worse")
_NOT_SHOWN: tuple[Verdict, ...] = ("no difference", "undecided", "confounded")

"""One sentence about all verdicts, with the largest of those that are shown."""

from dataclasses import replace

from study.inference.effects import compute_effects
from study.inference.tally import tally
from study.ledger.named_tables import read_table
from tests.analysis.synthetic_tables import QUICK, table
from tests.conftest import ROOT


def test_what_helps_comes_first_with_the_largest() -> None:
    effects = compute_effects(table(seeds=8))
    largest = max(effects, key=lambda effect: effect.difference)
    assert tally(effects) == f"Of 5 changes, 5 help, most of all {largest.point} ({largest.difference:+.3f})."
    first = [replace(effects[0], verdict="undecided"), *effects[1:]]
    assert tally(first).endswith("); 1 is undecided.")


def test_one_change_is_singular() -> None:
    (effect,) = compute_effects(table(QUICK[:2]))
    assert tally([replace(effect, verdict="undecided")]) == "Of one change, none helps or hurts; 1 is undecided."
    assert tally([replace(effect, verdict="looks worse")]).startswith("Of one change, 1 looks worse, conv_depth=2 (")


def test_a_real_ablation() -> None:
    cells = read_table(str(ROOT / "tests/samples/ablation_of_five_seeds.csv"), store=ROOT)
    assert tally(compute_effects(cells)) == (
        "Of 11 changes, 3 hurt, most of all batch_norm=false (−0.265); 1 makes no difference; 7 are undecided."
    )

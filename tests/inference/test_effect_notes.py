"""The lines below the table of effects."""

from study.inference import cell_table
from study.inference.effect_notes import left_out_notes, table_notes
from study.inference.effects import compute_effects
from tests.analysis.synthetic_tables import grid, sweep, table


def notes(cells: object) -> list[str]:
    frame = table() if cells is None else cells
    return [*table_notes(compute_effects(frame), cell_table.declared(frame))]  # type: ignore[arg-type]


def test_the_notes_name_the_test_and_the_number_of_variants() -> None:
    (note, *_) = notes(None)
    assert note.startswith("differences from the baseline: Welch's t")
    assert "95 % intervals of each alone, and of all 5 at once\np adjusted for 5 variants by step-down" in note
    assert notes(table([{}, {"width": 8}]))[0].endswith("; 95 % intervals")
    assert notes(table(seeds=1)) == [
        "nothing is tested, because a test needs two seeds at the baseline and at a variant"
    ]


def test_few_seeds_are_explained() -> None:
    sure = "a sure verdict needs 5 seeds at both points"
    assert notes(None)[1] == f"looks better, looks worse: adjusted p < 0.05; {sure}"
    assert sure in notes(table([{}, {"width": 8}], seeds=2))
    assert not any("sure" in note for note in notes(table(seeds=5)))


def test_a_margin_and_incomplete_pairs_are_explained() -> None:
    cells = table(states={("width=8", 2): "failed"}).assign(paired=True, margin=0.5)
    lines = notes(cells)
    assert "no difference: within ±0.5 by two one-sided tests, 5 % for each variant alone" in lines
    assert lines[-1] == "fewer pairs than seeds: width=8 2"


def test_a_difference_that_no_number_of_seeds_decides_asks_for_a_margin() -> None:
    noise = (0.1, -0.1, 0.2, -0.2, 0.0)
    cells = table([{}, {"width": 8}], seeds=5).assign(
        **{"metric.val_acc": [0.5 + noise[seed] for seed in range(5) for _ in range(2)]}
    )
    hint = "over 1,000 seeds: a difference this small can only be shown not to matter; declare a `margin`"
    assert hint in notes(cells)
    assert hint not in notes(cells.assign(margin=0.5))


def test_complete_cells_need_no_note() -> None:
    assert [*left_out_notes(table())] == []


def test_cells_that_no_mean_contains_are_counted_with_their_bias() -> None:
    cells = table([{}, {"width": 8}], states={("width=8", seed): "diverged" for seed in range(3)})
    cells.loc[0, "state"] = "failed"
    assert [*left_out_notes(cells)] == [
        "in no mean: 3 diverged, 1 failed",
        "not in the table, because none of their cells is complete: width=8",
        "these means contain only cells that went well, so they flatter a point at which many cells do not",
    ]


def test_cells_of_a_grid_that_its_best_levels_leave_aside_are_counted() -> None:
    cells = grid().assign(nuisance="conv_depth")
    cells.loc[cells["level.conv_depth"] == 2, "state"] = "diverged"
    assert next(left_out_notes(cells)) == "in no mean: 12 diverged"


def test_a_search_says_of_how_many_trials_its_points_are_the_best() -> None:
    cells = sweep()
    cells.loc[5, "state"] = "pruned"
    assert [*left_out_notes(cells)] == [
        "these are the best of a search of 17 trials, 1 pruned, on fresh seeds; no mean contains its own values"
    ]

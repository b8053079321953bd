"""The section about verdicts: the numbers of `study effects`."""

from study.inference.effects import compute_effects
from study.inference.exported_file import read_export
from study.inference.verdict import verdict_text
from study.report.parts import Section
from study.report.verdicts import effects_of, probability, verdict_section
from tests.analysis.synthetic_tables import grid, table
from tests.conftest import ROOT


def section(cells: object) -> Section:
    return verdict_section(cells, effects_of(cells))  # type: ignore[arg-type]


def test_the_table_holds_what_study_effects_shows() -> None:
    cells = read_export(ROOT / "analysis" / "results" / "qr_quick.csv")
    (shown,) = section(cells).tables
    assert shown.columns[:4] == ["variant", "change", "verdict", "val_acc"]
    assert list(shown.rows[0]) == ["baseline", "", "", "0.345", "", "", "", "", "3"]
    assert list(shown.rows[1]) == [
        "conv_depth=4", "2 → 4", "looks better", "0.406", "+0.061", "+0.040 to +0.082", "+0.029 to +0.093", "0.003",
        "3",
    ]  # fmt: skip
    effects = compute_effects(cells)
    assert [row[2] for row in shown.rows[1:]] == [verdict_text(effect) for effect in effects]
    assert shown.verdicts == ["", *(effect.verdict for effect in effects)]


def test_cells_that_are_left_out_have_a_column() -> None:
    assert "left out" not in section(table()).tables[0].columns
    shown = section(table(states={("width=8", 1): "failed"})).tables[0]
    assert shown.columns[-1] == "left out"
    assert [row[-1] for row in shown.rows if row[0] == "width=8"] == ["1"]


def test_a_grid_also_shows_its_effects_over_all_levels() -> None:
    made = section(grid())
    assert made.sentences[0].startswith("Over all other levels, 4 of 9 effects are shown")
    _, terms = made.tables
    assert terms.columns[0] == "effect over all other levels"
    assert len(terms.rows) == 9
    assert "problem" not in terms.columns
    cells = grid()
    cells.loc[cells["point"] == "conv_depth=2 pooling=flatten", "state"] = "failed"
    lost = section(cells).tables[1]
    assert lost.columns[1] == "problem"
    assert any("no complete cell at conv_depth=2 pooling=flatten" in row[1] for row in lost.rows)


def test_without_a_baseline_only_means_are_shown() -> None:
    made = section(table(states={("baseline", seed): "failed" for seed in range(3)}))
    (means,) = made.tables
    assert [row[0] for row in means.rows][:2] == ["conv_depth=2", "conv_depth=7"]
    assert means.columns == ("point", "val_acc", "95 % interval", "seeds")
    assert made.notes[0].startswith("no cell of the baseline is complete")


def test_notes_name_what_is_left_out() -> None:
    notes = section(table(states={("width=8", 1): "failed"})).notes
    assert "in no mean: 1 failed" in notes
    assert all("\n" not in note for note in notes)


def test_a_small_p_is_not_shown_as_nothing() -> None:
    assert (probability(float("nan")), probability(0.0001), probability(0.0456)) == ("", "< 0.001", "0.046")

"""What may make conclusions wrong: each threat that a study has, and no other."""

import pandas as pd

from study.report.threats import threat_section
from study.report.verdicts import effects_of
from tests.analysis.synthetic_tables import grid, sweep, table


def said(cells: pd.DataFrame) -> str:
    made = threat_section(cells, effects_of(cells))
    assert made.listed
    return " ".join(made.sentences)


def test_a_whole_ablation_has_only_the_usual_threats() -> None:
    text = said(table().assign(vary="weights order", test_openings=0))
    assert "the test split was never opened" in text
    assert "Every seed sees the same examples" in text
    assert "1 of 5 comparisons is undecided" in text
    for absent in ("Not all ran alike", "Revised", "not complete", "flatters", "search", "one seed is no test"):
        assert absent not in text


def test_cells_that_went_wrong_are_a_threat() -> None:
    text = said(table(states={("width=8", 1): "diverged", ("width=8", 2): "missing"}))
    assert "Means contain only cells that went well (1 diverged do not count)" in text
    assert "The study is not complete: 1 missing." in text
    assert "1 of 5 comparisons is not tested, because one seed is no test." in text


def test_a_search_without_fresh_seeds_is_optimistic() -> None:
    assert "The search chose its best points" in said(sweep().query("phase == 'search'"))
    assert "The search chose its best points" not in said(sweep())


def test_levels_that_were_chosen_on_the_same_seeds_are_optimistic() -> None:
    assert "nuisance factors were chosen on the seeds that judge them" in said(grid().assign(nuisance="conv_depth"))


def test_mixtures_revisions_and_openings_are_threats() -> None:
    cells = table().assign(revised="after 18 results: seeds 0 1 2 → 0 1 2 3 4", test_openings=2, equal_variances=True)
    cells.loc[cells["point"] == "width=8", "device"] = "gpu"
    text = said(cells)
    assert text.startswith("Not all ran alike: device cpu, gpu.")
    assert "Revised after 18 results" in text
    assert "The test split was opened 2 times so far." in text
    assert "The file declares equal variances." in text

"""Settings with any name and levels of any text keep apart and come back whole from every table, file and figure."""

import random
from pathlib import Path

import pytest

from analysis import ablation, factors, heatmap
from analysis.drawing.source import Source
from study.inference.cell_table import crossed_pairs, varied
from study.inference.changes import changes, from_label
from study.inference.columns import level_column, names_in, names_text
from study.inference.exported_file import read_export
from study.inference.factorial import terms
from study.inference.nuisance import at_best_nuisance, best_nuisance_levels, fixed_levels, nuisance_factors
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.records import record_file
from study.records.record_file import Header, Record
from study.space.design import Design
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.trial import label
from study.task import describe
from tests.ledger.launches import run
from tests.trial_functions import space

NAMES = (
    *("hidden-units", "opt.rate", "a b", "a=b", 'c "d"', "$x$ | y", "größe", "a", "b", "\U0001f600", "[list]", "point"),
    *("=", "key", "a/b", "-1", "level.a"),
)
TEXTS = (
    *("", " ", "1", "1.0", "true", "nan", "inf", "none", "a=1", "a b=2", "a b", 'a="b"', '"', '"a" b=c', "a,b", "a\nb"),
    *("a\r\nb", "\r", "\t", "$x$ $", "ünïcode \U0001f600", "\u200b", "baseline", "x" * 300, "a=1 b=2", " b=2", "1e3"),
    *("True", "-", "\\"),
)


def drawn_space(seed: int) -> SearchSpace:
    """A grid over two factors with random names and levels, which are texts, and sometimes numbers or flags too."""
    chance = random.Random(seed)
    made = []
    for name in chance.sample(NAMES, 2):
        levels: list[object] = list(chance.sample(TEXTS, chance.randint(2, 3)))
        if seed % 3 == 0 and "7" not in levels:
            levels.append(7)
        made.append(Factor(name, tuple(levels), choices=tuple(levels)))  # type: ignore[arg-type]
    baseline = {factor.name: factor.levels[0] for factor in made}  # type: ignore[index]
    nuisance = (made[1].name,) if seed % 2 else ()
    training = ("width", *(factor.name for factor in made))
    return space(*made, baseline={**space().baseline, **baseline}, design=Design("grid"), nuisance=nuisance,
                 training=training)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_a_study_comes_back_whole_from_every_file(seed: int, tmp_path: Path) -> None:
    asked = drawn_space(seed)
    run(tmp_path, asked)
    ledger = Ledger.read(tmp_path, "played")
    assert ledger.space == asked
    whole = table(ledger)
    whole.to_csv(tmp_path / "t.csv", index=False)
    whole.to_parquet(tmp_path / "t.parquet", index=False)
    for path in (tmp_path / "t.csv", tmp_path / "t.parquet"):
        read = read_export(path)
        assert changes(read) == changes(whole)
        for factor in asked.factors:
            column = level_column(factor.name)
            assert list(read[column]) == list(whole[column])
        assert nuisance_factors(read) == list(asked.nuisance)
    header = Header(asked, 1)
    record_file.write(tmp_path / "t.jsonl", header, [Record.of(*finished) for finished in ledger.finished()])
    again, lines = record_file.read(tmp_path / "t.jsonl")
    assert again == header
    assert [record.config.key for _, record in lines if isinstance(record, Record)] == [
        trial.config.key for trial, _ in ledger.finished()
    ]


@pytest.mark.parametrize("seed", range(12))
def test_no_two_points_and_no_two_levels_become_one(seed: int, tmp_path: Path) -> None:
    asked = drawn_space(seed)
    run(tmp_path, asked)
    cells = table(Ledger.read(tmp_path, "played"))
    first, second = asked.factors
    sizes = [len(factor.levels) for factor in (first, second)]  # type: ignore[arg-type]
    assert cells["point"].nunique() == sizes[0] * sizes[1]
    assert set(varied(cells)) == {first.name, second.name}
    assert len(crossed_pairs(cells)) == 1
    assert len(terms(cells)) == (sizes[0] - 1) + (sizes[1] - 1) + (sizes[0] - 1) * (sizes[1] - 1)
    assert fixed_levels(cells) == {"width": describe(asked.baseline["width"])}
    best = at_best_nuisance(cells)
    assert all(len(levels) == 1 for levels in best_nuisance_levels(best).values())
    if asked.nuisance:
        assert best["point"].nunique() == sizes[0]


def test_a_label_is_read_as_it_was_written() -> None:
    chance = random.Random(29)
    for _ in range(3000):
        change = {name: chance.choice(TEXTS) for name in chance.sample(NAMES, chance.randint(0, 3))}
        assert from_label(label(change)) == change
    for _ in range(300):
        names = chance.sample(NAMES, chance.randint(0, 4))
        assert names_in(names_text(names)) == names


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("seed", [0, 1, 5])
def test_figures_take_any_name_and_level(seed: int, tmp_path: Path) -> None:
    asked = drawn_space(seed)
    run(tmp_path, asked)
    table(Ledger.read(tmp_path, "played")).to_csv(tmp_path / "t.csv", index=False)
    source = Source(str(tmp_path / "t.csv"), tmp_path)
    paths = {script.draw(source) for script in (factors.SCRIPT, heatmap.SCRIPT, ablation.SCRIPT)}
    paths |= {factors.SCRIPT.draw(source, factor=factor.name) for factor in asked.factors}
    assert len(paths) == 5
    assert all(path.parent == tmp_path and path.stat().st_size > 10_000 for path in paths)

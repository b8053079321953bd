"""What does not fit is set aside under a name, and the cells concerned run again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL, owned, study_folder
from study.ledger.store_check import check_study
from study.ledger.store_repair import repair_study
from study.ledger.tables import table
from tests.ledger.launches import run, states
from tests.ledger.test_store_check import change_digit, swap
from tests.trial_functions import space


@pytest.fixture
def root(tmp_path: Path) -> Path:
    run(tmp_path, space())
    return tmp_path


def numbers(root: Path) -> str:
    cells = table(Ledger.read(root, "played"))
    return str(cells.drop(columns="trial").to_csv())


def test_a_whole_study_is_left_alone(root: Path) -> None:
    before = (study_folder(root, "played") / JOURNAL).read_bytes()
    assert repair_study(root, "played") == []
    assert (study_folder(root, "played") / JOURNAL).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (change_digit, 1),
        (swap, 2),
        (lambda folder: next(iter(folder.glob("cells/*/curve.jsonl"))).unlink(), 1),
    ],
    ids=["digit", "swapped", "missing"],
)
def test_a_result_without_its_curve_is_set_aside_and_its_cell_runs_again(
    root: Path, change: Callable[[Path], object], lost: int
) -> None:
    before, folder = numbers(root), study_folder(root, "played")
    whole = (folder / JOURNAL).read_bytes()
    change(folder)
    with pytest.raises(StoreError):
        numbers(root)
    (line,) = repair_study(root, "played")
    assert line.endswith(f"the file as it was is {folder / JOURNAL}.damaged")
    assert (folder / f"{JOURNAL}.damaged").read_bytes() == whole
    assert check_study(root, "played").findings == ()
    assert states(root) == {"complete": 6 - lost, "missing": lost}
    assert len(run(root, space())) == lost
    assert numbers(root) == before
    assert check_study(root, "played").findings == ()


def test_a_damaged_journal_is_cut_and_the_study_gets_a_new_identity(root: Path) -> None:
    before, journal = numbers(root), study_folder(root, "played") / JOURNAL
    identity = Ledger.read(root, "played").id
    content = bytearray(journal.read_bytes())
    content[len(content) // 2] ^= 4
    journal.write_bytes(content)
    cut, *moved = repair_study(root, "played")
    assert f"the whole file is {journal}.damaged" in cut
    assert all("was moved to" in line for line in moved)
    assert journal.with_name(f"{JOURNAL}.damaged").read_bytes() == content
    assert check_study(root, "played").findings == ()
    assert Ledger.read(root, "played").id != identity
    missing = states(root)["missing"]
    assert 0 < missing < 6
    assert len(run(root, space())) == missing
    assert numbers(root) == before


def test_a_folder_without_a_trial_is_moved(root: Path) -> None:
    folder = study_folder(root, "played")
    for _ in range(2):
        (folder / "cells" / "0123456789abcdef").mkdir()
        (line,) = repair_study(root, "played")
        assert "was moved to" in line
    assert sorted(path.name for path in (folder / "set-aside").iterdir()) == [
        "0123456789abcdef",
        "0123456789abcdef-again",
    ]


def test_a_study_that_runs_is_not_touched(root: Path) -> None:
    with owned(study_folder(root, "played")), pytest.raises(StoreError, match="is being run by"):
        repair_study(root, "played")


@pytest.mark.parametrize("lose", [Path.unlink, lambda journal: journal.write_bytes(b"")], ids=["removed", "emptied"])
def test_cells_without_a_journal_stay_where_they_are(root: Path, lose: Callable[[Path], object]) -> None:
    before, folder = numbers(root), study_folder(root, "played")
    journal = folder / JOURNAL
    content = journal.read_bytes()
    lose(journal)
    for _ in range(2):
        assert repair_study(root, "played") == []
        for work in (lambda: run(root, space()), lambda: Ledger.read(root, "played")):
            with pytest.raises(StoreError, match=r"trials\.journal: .*, but 6 cells of it have run; put it back"):
                work()
        (finding,) = check_study(root, "played").findings
        assert not finding.can_be_repaired
    journal.write_bytes(content)
    assert check_study(root, "played").findings == ()
    assert run(root, space()) == []
    assert numbers(root) == before


def test_a_journal_whose_beginning_is_damaged_is_kept_and_no_cell_runs_again(root: Path) -> None:
    journal = study_folder(root, "played") / JOURNAL
    content = journal.read_bytes()
    for place in (2, content.index(b"\n") + 2):
        journal.write_bytes(content[:place] + b"\x01" + content[place + 1 :])
        repair_study(root, "played")
        with pytest.raises(StoreError, match=r"trials\.journal"):
            run(root, space())
        assert len([*(journal.parent / "cells").iterdir()]) == 6
    journal.write_bytes(content)
    assert run(root, space()) == []

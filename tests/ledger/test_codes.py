"""Code is part of a result: what other code made is named before anything runs, and the user accepts it or not."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.codes import Codes, check_made_by, check_model, check_unedited, code_notes, codes_of_cells
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.records import record_file
from study.records.import_records import import_records
from study.records.record_file import Header, Record
from study.records.record_ledger import RecordLedger
from study.space.search_space import SearchSpace
from study.space.task_code import UNKNOWN, TaskCode
from study.space.trial import TrialConfig, TrialResult
from tests.ledger.launches import sweep, work
from tests.toy_task import DEPTH
from tests.trial_functions import fail, space, succeed

OLD = TaskCode({"task.py": "1", "helper.py": "2"})
NEW = TaskCode({"task.py": "3", "more.py": "4"})
NEWEST = TaskCode({"task.py": "5", "more.py": "4"})
CHANGE = "helper.py removed, more.py added, task.py changed"


class Held(TaskCode):
    """A code that nobody edits meanwhile, although its files are nowhere."""

    def edited(self) -> list[str]:
        return []


def made_by(code: TaskCode, result: Callable[[TrialConfig], TrialResult] = succeed) -> Callable[..., TrialResult]:
    return lambda config: replace(result(config), code=code.fingerprint)


def launched(
    store: Path,
    code: TaskCode,
    *,
    accept: bool = False,
    most: int | None = None,
    asked: SearchSpace | None = None,
    made: TaskCode | None = None,
) -> int:
    """Run the missing cells with this code. Returns how many there were."""
    held = Held(code.files)
    with Ledger.own(store, asked or space(), code=held, accept=accept) as ledger:
        return len(work(ledger, made_by(made or code), most=most))


def test_a_file_that_earlier_versions_did_not_record_makes_no_other_code() -> None:
    old = TaskCode({"task.py": "1"})
    now, later = TaskCode({"task.py": "1", "a.csv": "2"}), TaskCode({"task.py": "1", "a.csv": "3"})
    codes = Codes().with_code(old).with_code(now)
    assert not codes.differ(old.fingerprint, now.fingerprint)
    assert [a.text for a in codes.accepted] == ["a.csv added, which was not recorded before"]
    codes = codes.with_code(later)
    assert codes.differ(now.fingerprint, later.fingerprint)
    assert codes.differ(old.fingerprint, later.fingerprint)
    # A Python file is part of the code in every version.
    assert Codes().with_code(old).with_code(TaskCode({"task.py": "1", "more.py": "2"})).accepted == ()
    assert Codes().with_code(old).with_code(TaskCode({"task.py": "9", "a.csv": "2"})).accepted == ()


def test_codes_are_one_if_the_user_accepted_them_over_whatever_steps() -> None:
    codes = Codes().with_code(OLD).with_code(NEW).with_code(NEWEST)
    old, new, newest = codes.files
    assert codes.differ(old, new)
    assert not codes.differ(old, old)
    assert not codes.differ("", new)
    codes = codes.accept(new, {old: 1})
    assert not codes.differ(old, new)
    assert codes.differ(old, newest)
    codes = codes.accept(newest, {new: 2})
    assert {codes.one(code) for code in (old, new, newest)} == {old}
    assert codes.one("another") == "another"
    assert Codes.from_json(codes.to_json()) == codes
    assert Codes.from_json({}) == Codes()
    assert Codes().to_json() == {}


def test_what_was_changed_is_named_file_by_file() -> None:
    codes = Codes().with_code(OLD).with_code(NEW)
    assert codes.changes(OLD.fingerprint, NEW.fingerprint) == CHANGE
    assert codes.changes("unheard of", NEW.fingerprint) == "the task's code changed"
    assert codes.with_code(UNKNOWN) is codes


def test_a_failed_trial_counts_for_no_code() -> None:
    results = [("a", "complete", "1"), ("b", "failed", "1"), ("c", "failed", "1"), ("c", "pruned", "2")]
    assert codes_of_cells(results) == {"a": "1", "c": "2"}


@pytest.mark.parametrize("asked", [space(), sweep(DEPTH, trials=3)], ids=["ablation", "sweep"])
def test_other_code_runs_nothing_until_it_is_accepted(tmp_path: Path, asked: SearchSpace) -> None:
    launched(tmp_path, OLD, most=2, asked=asked)
    with pytest.raises(StoreError) as error:
        launched(tmp_path, NEW, asked=asked)
    first, way = str(error.value).splitlines()
    assert first == f"study 'played': the task's code is not the one that made its cells: {CHANGE} after 2 cells"
    assert all(word in way for word in ("nothing was run", "--accept", "`version`", "`name`"))
    before = Ledger.read(tmp_path, "played")
    (note,) = code_notes(before.codes, NEW, before.cells_by_code)
    assert note.startswith("the task's code is not the one that made the cells")
    assert launched(tmp_path, NEW, accept=True, asked=asked) > 0
    assert launched(tmp_path, NEW, asked=asked) == 0
    assert launched(tmp_path, OLD, asked=asked) == 0  # To undo what was accepted changes nothing either.
    (note,) = code_notes((ledger := Ledger.read(tmp_path, "played")).codes, NEW, ledger.cells_by_code)
    assert re.fullmatch(rf"accepted as the same code: {CHANGE} after 2 cells, on \d{{4}}-\d\d-\d\d", note)
    assert set(table(ledger)["code"]) == {OLD.fingerprint}


def test_a_refusal_leaves_the_study_as_it_was(tmp_path: Path) -> None:
    launched(tmp_path, OLD)
    before = Ledger.read(tmp_path, "played")
    with pytest.raises(StoreError, match="after 6 cells"):
        launched(tmp_path, NEW, asked=space(seeds=(0, 1, 2)))
    after = Ledger.read(tmp_path, "played")
    assert (after.space, after.codes, after.revisions) == (before.space, before.codes, before.revisions)


def test_results_of_unknown_code_are_never_called_different(tmp_path: Path) -> None:
    launched(tmp_path, UNKNOWN, most=2)
    assert launched(tmp_path, NEW) == 4
    assert launched(tmp_path, UNKNOWN) == 0


def test_code_that_made_only_failures_may_be_mended(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(max_retries=0), code=Held(OLD.files)) as ledger:
        work(ledger, fail)
    with Ledger.own(tmp_path, space(max_retries=0), code=Held(NEW.files)) as ledger:
        assert ledger.forget_failures() == 6


def test_a_task_that_is_edited_while_its_study_runs_ends_it_after_the_running_trials(tmp_path: Path) -> None:
    file = tmp_path / "task.py"
    file.write_text("before")
    code = TaskCode({"task.py": "of another text"}, place=str(file))
    assert code.edited() == ["task.py"]
    with pytest.raises(StoreError, match=r"task\.py: edited while study 'played' ran; nothing is lost"):
        check_unedited(code, study="played")
    with (
        pytest.raises(StoreError, match="edited while"),
        Ledger.own(tmp_path / "store", space(), code=Held(OLD.files)) as ledger,
    ):
        first, second = ledger.next(), ledger.next()
        assert first and second
        ledger._code = code
        for trial in (first, second):
            assert ledger.next() is None
            ledger.record(trial.number, succeed(trial.config))
        ledger.next()
    assert Ledger.read(tmp_path / "store", "played").counts()["complete"] == 2


def test_a_worker_that_found_other_code_records_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="a worker found other code of the task"):
        launched(tmp_path, NEW, made=OLD)
    assert Ledger.read(tmp_path, "played").counts()["complete"] == 0
    codes = Codes().with_code(OLD).with_code(NEW).accept(NEW.fingerprint, {OLD.fingerprint: 1})
    check_made_by(NEW, OLD.fingerprint, codes, study="played")


def test_the_model_of_other_code_is_refused_until_it_is_accepted() -> None:
    codes = Codes().with_code(OLD)
    with pytest.raises(StoreError, match=rf"depth=1, seed 0: .* {CHANGE} since; put it back, or .* --accept"):
        check_model(codes, NEW, OLD.fingerprint, model="depth=1, seed 0")
    check_model(codes, NEW, "", model="depth=1, seed 0")
    check_model(codes.with_code(NEW).accept(NEW.fingerprint, {OLD.fingerprint: 4}), NEW, OLD.fingerprint, model="")


def test_a_file_of_records_knows_its_codes_too(tmp_path: Path) -> None:
    path = tmp_path / "there.jsonl"
    with RecordLedger.own(path, space(), code=Held(OLD.files)) as ledger:
        work(ledger, made_by(OLD), most=2)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=f"{CHANGE} after 2 cells"), RecordLedger.own(path, space(), code=NEW):
        pass
    with RecordLedger.own(path, space(), code=Held(NEW.files), accept=True) as ledger:
        work(ledger, made_by(NEW))  # type: ignore[arg-type]
    header, lines = record_file.read(path)
    assert (set(header.codes.files), len(header.codes.accepted)) == ({OLD.fingerprint, NEW.fingerprint}, 1)
    assert len([*lines]) == 6
    # What was accepted there is accepted here.
    assert import_records(path, tmp_path / "store").imported == 6
    assert set(table(Ledger.read(tmp_path / "store", "played"))["code"]) == {OLD.fingerprint}


def records(path: Path, code: TaskCode, seeds: tuple[int, ...] = (0, 1)) -> Path:
    configs = [space().config({"depth": depth}, seed=seed) for depth in (3, 1, 5) for seed in seeds]
    header = Header(space(seeds=seeds), 1, codes=Codes().with_code(code))
    record_file.write(path, header, [Record(config, made_by(code)(config)) for config in configs])
    return path


def test_cells_of_other_code_are_not_imported_until_they_are_accepted(tmp_path: Path) -> None:
    store = tmp_path / "store"
    launched(store, OLD)
    path = records(tmp_path / "there.jsonl", NEW, seeds=(0, 1, 2))
    with pytest.raises(StoreError) as error:
        import_records(path, store)
    assert "there.jsonl: not all cells were made by one code of the task" in str(error.value)
    assert "after 3 cells" in str(error.value)
    assert "nothing was imported; give --accept" in str(error.value)
    assert Ledger.read(store, "played").space.seeds == (0, 1)
    assert import_records(path, store, accept=True).imported == 3
    assert table(Ledger.read(store, "played"))["code"].nunique() == 1
    assert import_records(records(tmp_path / "same.jsonl", OLD), store).already_there == 6

"""Files of other people: no code that they name runs without their reader's word, and no damage of theirs is taken."""

import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from study import cli
from study.errors import InferenceError, StoreError, TaskError
from study.inference.effects import compute_effects
from study.ledger.ledger import Ledger
from study.ledger.store import names as store_names
from study.ledger.tables import table
from study.records import record_file
from study.records.import_records import import_records
from study.records.record_file import Header, Record
from study.space.points import listed_cells
from study.space.printable import printable
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.tracking.metric_names import MetricNames
from tests.faults.foreign_lines import damaged
from tests.ledger.launches import run
from tests.toy_task import POOLING
from tests.trial_functions import space, succeed


def foreign(folder: Path, **changes: object) -> tuple[SearchSpace, Path]:
    """A study whose task is a file that leaves a mark when its code runs."""
    file = folder / "foreign.py"
    mark = f"from pathlib import Path\nPath({str(folder / 'ran')!r}).touch()\n"
    file.write_text(f"{mark}from tests.toy_task import task\n")
    return replace(space(POOLING), reference=f"{file}:task", **changes), folder / "ran"  # type: ignore[arg-type]


def records(path: Path, space: SearchSpace) -> Path:
    record_file.write(path, Header(space, 1), [Record(config, succeed(config)) for config in listed_cells(space)])
    return path


def test_an_import_lets_no_code_run_that_the_file_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs, ran = foreign(tmp_path)
    path, store = records(tmp_path / "a.jsonl", theirs), tmp_path / "store"
    where = ["--store", str(store)]
    assert cli.main(["import", str(path), *where]) == 0
    assert f"its task is {theirs.reference}, whose code runs only if you say so" in capsys.readouterr().err
    again = tmp_path / "b.jsonl"
    for command in (["list"], ["status", "played"], ["export", "played", "--out", str(again)], ["verify-store"]):
        assert cli.main([*command, *where]) == 0
    assert cli.main(["retry", "played", *where]) == 0
    ledger = Ledger.read(store, "played")
    assert MetricNames.of(ledger.space).sections == ()
    with pytest.raises(TaskError, match="import it again with --trust"):
        task_of(ledger.space)
    assert not ran.exists()
    # What goes to another machine does not depend on this one.
    assert again.read_text() == path.read_text()
    assert cli.main(["import", str(again), "--trust", *where]) == 0
    assert Ledger.read(store, "played").space == theirs
    task_of(Ledger.read(store, "played").space)
    assert ran.exists()


def test_a_task_is_known_if_a_study_of_the_store_runs_the_same_code(tmp_path: Path) -> None:
    ours, _ = foreign(tmp_path)
    theirs = replace(ours, name="theirs")
    path, store = records(tmp_path / "a.jsonl", theirs), tmp_path / "store"
    assert import_records(path, tmp_path / "new").untrusted == theirs.reference
    run(store, ours)
    assert import_records(path, store).untrusted == ""
    # An imported study makes no code known.
    other = records(tmp_path / "b.jsonl", replace(ours, name="other"))
    assert import_records(other, tmp_path / "new").untrusted == theirs.reference
    # The user's own study keeps its task, whatever the file names.
    evil = replace(ours, reference=str(tmp_path / "evil.py"))
    assert import_records(records(tmp_path / "c.jsonl", evil), store).untrusted == ""
    assert Ledger.read(store, "played").space.reference == ours.reference


def test_the_users_own_file_is_the_users_word(tmp_path: Path) -> None:
    theirs, _ = foreign(tmp_path)
    import_records(records(tmp_path / "a.jsonl", theirs), tmp_path / "store")
    run(tmp_path / "store", theirs)
    assert Ledger.read(tmp_path / "store", "played").space.reference == theirs.reference


def import_damaged(folder: Path, seed: int, *, header: bool) -> None:
    """Import a file with a damage in every line, or in its first line. Whatever happens is one line, and harmless."""
    chance, small = random.Random(seed), space(POOLING)
    whole = [Header(small, 1).line(), *(Record(config, succeed(config)).line(small) for config in listed_cells(small))]
    first, *lines = [json.loads(line) for line in whole]
    texts = [damaged(first, chance) if header else whole[0], *(damaged(line, chance) for line in lines)]
    path, store = folder / "a.jsonl", folder / "store"
    path.write_bytes("".join(f"{text.strip()}\n" for text in texts).encode("utf-8", errors="surrogatepass"))
    try:
        done = import_records(path, store)
    except StoreError as error:
        assert header, error
        check_message(str(error))
        assert not store.exists()
        return
    for _, message in done.refused:
        check_message(message)
    ledger = Ledger.read(store, *store_names(store))
    frame = table(ledger)
    frame.to_csv().encode()
    assert all(text.isprintable() for text in frame["reason"])
    with suppress(InferenceError):  # The baseline may be among the refused.
        compute_effects(frame)
    if not header:
        assert done.imported + done.already_there + len(done.refused) >= len(lines)
        assert ledger.counts()["complete"] <= done.imported
    again = folder / "again.jsonl"
    record_file.write(again, Header(ledger.space, 1), [Record.of(*finished) for finished in ledger.finished()])
    assert import_records(again, folder / "other").imported == done.imported


def check_message(text: str) -> None:
    assert printable(text) == text, text
    assert "\n" not in text
    assert len(text) < 600, text


@pytest.mark.parametrize("header", [False, True])
def test_damaged_lines_of_other_people_are_refused_in_a_line_each(tmp_path: Path, header: bool) -> None:
    for seed in range(40):
        (folder := tmp_path / str(seed)).mkdir()
        import_damaged(folder, seed, header=header)


@pytest.mark.slow
@pytest.mark.parametrize("header", [False, True])
def test_hundreds_of_files_of_damaged_lines_are_refused_in_a_line_each(tmp_path: Path, header: bool) -> None:
    for seed in range(40, 240):
        (folder := tmp_path / str(seed)).mkdir()
        import_damaged(folder, seed, header=header)
        shutil.rmtree(folder)


def spoilt(line: str, **changes: object) -> str:
    content = json.loads(line)
    del content["sum"]
    content["result"] |= changes
    return json.dumps(content) + "\n"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda line: spoilt(line, timing={"train": "abc"}), "seconds, timing and metrics must be numbers, not 'abc'"),
        (lambda line: f'{line[:-2]},"deep":{"[" * 100_000}\n', "RecursionError"),
        (lambda line: spoilt(line, seconds=10**400), "seconds"),
        (lambda line: f'{line[:-2]},"key":"{"0" * 64}"}}\n', "the name 'key' stands twice in one object"),
        (lambda line: spoilt(line, reason="\x1b[31mred\x1b]0;title\x07"), ""),
    ],
    ids=["a text for a number", "deep", "huge", "twice", "escapes"],
)
def test_a_spoilt_line_is_refused_in_a_line_and_the_store_stays_readable(
    spoil: Callable[[str], str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, where = records(tmp_path / "a.jsonl", space(POOLING)), ["--store", str(tmp_path / "store")]
    head, first, *lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([head, spoil(first), *lines]))
    assert cli.main(["import", str(path), *where]) == (1 if words else 0)
    told = capsys.readouterr().err
    assert (f"{path}, line 2: " in told) == bool(words)
    assert words in told
    assert cli.main(["list", *where]) == cli.main(["status", "played", "--cells", *where]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert Ledger.read(tmp_path / "store", "played").counts()["complete"] == (5 if words else 6)

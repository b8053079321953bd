"""Optuna reads and writes a journal through these, and every line is sealed and checked."""

from pathlib import Path

import pytest

from study.ledger.journal_file import JournalReader, JournalWriter
from study.ledger.journal_sums import is_sealed
from study.ledger.own_file import FileChangedError

LOGS = [{"op_code": number, "worker_id": "a"} for number in range(4)]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal"
    writer = JournalWriter(path)
    assert [*writer.read_logs(0)] == []
    writer.append_logs(LOGS[:2])
    assert [*writer.read_logs(0)] == LOGS[:2]
    assert [*writer.read_logs(2)] == []
    return path


def read(journal: Path) -> list[dict[str, object]]:
    return [
        {name: value for name, value in log.items() if name != "sum"} for log in JournalReader(journal).read_logs(0)
    ]


def test_each_line_is_sealed_and_a_reader_sees_what_is_added(journal: Path) -> None:
    reader = JournalReader(journal)
    assert len([*reader.read_logs(0)]) == 2
    writer = JournalWriter(journal)
    assert len([*writer.read_logs(0)]) == 2
    writer.append_logs(LOGS[2:])
    assert len([*reader.read_logs(2)]) == 2
    assert all(map(is_sealed, journal.read_bytes().splitlines(keepends=True)))
    assert read(journal) == LOGS


def test_a_torn_line_does_not_count_and_a_changed_one_is_refused(journal: Path) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-3])
    assert read(journal) == LOGS[:1]
    journal.write_bytes(whole.replace(b'"op_code":0', b'"op_code":5'))
    with pytest.raises(ValueError, match="its checksum does not fit"):
        read(journal)


def test_a_reader_writes_as_other_programs_do_and_a_writer_only_to_its_file(journal: Path) -> None:
    JournalReader(journal).append_logs(LOGS[2:3])
    assert not is_sealed(journal.read_bytes().splitlines(keepends=True)[-1])
    writer = JournalWriter(journal)
    assert len([*writer.read_logs(0)]) == 3
    journal.rename(journal.with_name("away"))
    with pytest.raises(FileChangedError, match="moved or removed"):
        writer.append_logs(LOGS[2:])
    assert not journal.exists()

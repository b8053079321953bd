"""A damaged journal is refused with the number of lost results and a way out; nothing of it is lost unsaid."""

import json
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.journal_damage import cut_zeros, damage_message
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from tests.ledger.launches import run
from tests.trial_functions import space

LINES = [
    json.dumps({"op_code": 4, "worker_id": "a", "n": n, "user_attr": {"result": 1} if n % 2 else {}}) for n in range(6)
]
WHOLE = "".join(f"{line}\n" for line in LINES).encode()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "it's a journal"
    path.write_bytes(WHOLE)
    return path


def test_a_whole_journal_is_left_alone(journal: Path) -> None:
    cut_zeros(journal)
    cut_zeros(journal.with_name("none"))
    assert journal.read_bytes() == WHOLE
    assert list(journal.parent.iterdir()) == [journal]


@pytest.mark.parametrize("size", [1, 100, 4096])
def test_zeros_before_a_result_are_refused_and_nothing_is_changed(journal: Path, size: int) -> None:
    begin = WHOLE.index(LINES[2].encode())
    damaged = WHOLE[: begin + 5] + bytes(size) + WHOLE[begin + 5 :]
    journal.write_bytes(damaged)
    with pytest.raises(StoreError) as caught:
        cut_zeros(journal)
    assert str(caught.value) == (
        f"{journal}: cannot be read from line 3 on (it holds zeros), so 2 results are lost: put a copy of the file "
        "back, or keep the results before that line (1) and let the other cells run again: "
        f"truncate -s {begin} '{journal.parent}/it'\"'\"'s a journal'"
    )
    assert journal.read_bytes() == damaged
    assert list(journal.parent.iterdir()) == [journal]


def test_a_zero_in_the_word_result_is_no_power_cut(journal: Path) -> None:
    journal.write_bytes(WHOLE.replace(b'"result": 1}}\n', b'"resu\0t": 1}}\n'))
    with pytest.raises(StoreError, match="from line 2 on"):
        cut_zeros(journal)


def test_what_a_power_cut_left_is_cut_off_and_a_copy_stays(journal: Path) -> None:
    left = WHOLE + b'{"op' + bytes(4096) + f"\n{LINES[0]}\n".encode()
    journal.write_bytes(left)
    cut_zeros(journal)
    assert journal.read_bytes() == WHOLE
    assert (journal.parent / f"{journal.name}.damaged").read_bytes() == left


def test_the_first_line_that_is_none_is_named(journal: Path) -> None:
    for wrong, line in ((b"7\n", 2), (b"{}\n", 2), (b"\xff\xfe\n", 2), (b'["op_code", "worker_id"]\n', 2)):
        first = WHOLE.index(b"\n") + 1
        journal.write_bytes(WHOLE[:first] + wrong + WHOLE[first:])
        assert f"cannot be read from line {line} on (KeyError: 'x'), so 3 results" in damage_message(
            journal, KeyError("x")
        )
    journal.write_bytes(WHOLE)
    assert "cannot be read: KeyError: 'x'; put a copy of it back, or give" in damage_message(journal, KeyError("x"))


@pytest.mark.parametrize("byte", [0, 1, ord('"'), ord("{"), 0xFF])
def test_one_damaged_byte_ends_every_command_with_a_way_out_that_works(tmp_path: Path, byte: int) -> None:
    run(tmp_path, space())
    journal = study_folder(tmp_path, "played") / "trials.journal"
    content = bytearray(journal.read_bytes())
    place = content.index(b'"result"', len(content) // 3) + 3
    content[place] = byte
    content[place + 4] = byte
    content[place + 5] = byte
    journal.write_bytes(content)
    with pytest.raises(StoreError, match=r"results? (is|are) lost: put a copy of the file back, or keep the") as read:
        Ledger.read(tmp_path, "played")
    with pytest.raises(StoreError, match="truncate -s") as owned, Ledger.own(tmp_path, space()):
        pass
    assert journal.read_bytes() == content
    way = str(owned.value).rpartition("truncate -s ")[2].split()
    assert str(read.value).rpartition("truncate -s ")[2].split() == way
    journal.write_bytes(content[: int(way[0])])
    kept = content[: int(way[0])].count(b'"result"')
    assert len(run(tmp_path, space())) == 6 - kept > 0

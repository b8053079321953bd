"""A byte that is changed, lost, added or moved anywhere in a journal is noticed at the next line with a checksum."""

import random

import pytest

from study.ledger.journal_sums import JournalSums, is_sealed

LINES = [b'{"op_code":%d,"worker_id":"a","value":%d}\n' % (number, number * 12_345) for number in range(8)]


def sealed(lines: list[bytes]) -> list[bytes]:
    sums = JournalSums()
    return [sums.seal(line) for line in lines]


def fits(lines: list[bytes]) -> bool:
    sums = JournalSums()
    return all(sums.fits(line) for line in lines)


def test_lines_that_are_as_they_were_fit() -> None:
    assert fits(sealed(LINES))
    assert all(map(is_sealed, sealed(LINES)))
    assert fits(sealed(LINES)[:5]), "a journal may be cut behind any line"
    assert fits(LINES), "an earlier version wrote no checksums"


def test_lines_of_an_earlier_version_are_covered_by_what_follows() -> None:
    sums = JournalSums()
    assert all(sums.fits(line) for line in LINES[:4])
    mixed = [*LINES[:4], *(sums.seal(line) for line in LINES[4:])]
    assert fits(mixed)
    assert not fits([LINES[1], LINES[0], *mixed[2:]])
    assert not fits([LINES[0].replace(b"0", b"1"), *mixed[1:]])


@pytest.mark.parametrize("number", range(60))
def test_any_change_is_noticed(number: int) -> None:
    chance, lines = random.Random(number), sealed(LINES)
    before, at = list(lines), chance.randrange(len(lines) - 1)
    match number % 5:
        case 0:
            content = bytearray(lines[at])
            content[chance.randrange(len(content) - 1)] ^= 1 << chance.randrange(8)
            lines[at] = bytes(content)
        case 1:
            del lines[at]
        case 2:
            lines.insert(at, lines[chance.randrange(len(lines))])
        case 3:
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        case _:
            lines.insert(at, b'{"op_code":8,"worker_id":"a"}\n')
    assert lines != before
    assert not fits(lines)

"""A store that is damaged at random places is read rightly or refused with the place: it never gives another number."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.ledger.tables import epochs, table
from tests.ledger.launches import outcomes, run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import space

Files = dict[Path, bytes]


def _flip(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _digit(content: bytes, chance: random.Random) -> bytes:
    places = [place for place, byte in enumerate(content) if chr(byte).isdecimal()]
    place = chance.choice(places)
    return content[:place] + str(chance.randrange(10)).encode() + content[place + 1 :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _zeros(content: bytes, chance: random.Random) -> bytes:
    place, length = chance.randrange(len(content)), chance.choice((1, 7, 512, 4096))
    return content[:place] + bytes(length) + content[place + chance.choice((0, length)) :]


def _delete(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + content[place + chance.choice((1, 3, 100)) :]


def _lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], chance.choice((lines[one], lines[other], b""))
    return b"".join(lines)


IN_A_FILE: list[Callable[[bytes, random.Random], bytes]] = [_flip, _digit, _cut, _zeros, _delete, _lines]


def damage(files: Files, chance: random.Random) -> None:
    """Damage one file, or give two cells each other's."""
    path = chance.choice([*files, *[path for path in files if path.suffix == ".journal"] * len(files)])
    match chance.randrange(8):
        case 0:
            others = [other for other in files if other.name == path.name and other != path]
            if others:
                other = chance.choice(others)
                path.write_bytes(files[other])
                other.write_bytes(files[path])
        case 1 if path.suffix != ".journal":
            path.unlink()
        case _:
            path.write_bytes(chance.choice(IN_A_FILE)(files[path], chance))


def cells(store: Path) -> dict[str, Any]:
    """Every number of every cell that is over, by the cell's key, as exports have them."""
    ledger = Ledger.read(store, "played")
    rows: dict[str, Any] = {
        row["key"]: [row] for row in table(ledger).to_dict("records") if row["state"] not in ("missing", "running")
    }
    for row in epochs(ledger).to_dict("records"):
        if row["key"] in rows:
            rows[row["key"]].append(row)
    return {key: str([*map(_plain, row)]) for key, row in rows.items()}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose numbers are all of one type, because a column in which one is missing has no whole numbers."""
    return {
        name: value if isinstance(value, str | bool) else str(value).removesuffix(".0") for name, value in row.items()
    }


@pytest.mark.parametrize("count", [150, pytest.param(1_000, marks=pytest.mark.slow)])
def test_no_damage_gives_another_number(tmp_path: Path, count: int) -> None:
    store = tmp_path / "store"
    run(store, space(DEPTH, POOLING, max_retries=1), outcomes)
    folder = study_folder(store, "played")
    files = {path: path.read_bytes() for path in folder.glob("**/*") if path.suffix in (".journal", ".jsonl")}
    files = {path: content for path, content in files.items() if content}
    right, refused, fewer = cells(store), 0, 0
    for number in range(count):
        damage(files, random.Random(number))
        try:
            there = cells(store)
        except StoreError as error:
            place = str(error).partition(": ")[0]
            assert any(str(path).startswith(place) for path in [folder, *files]), (number, str(error))
            refused += 1
        else:
            # A failed cell may be tried again if its last failure was cut off, so that its row has another state.
            wrong = {key for key in there if there[key] != right[key] and "'failed'" not in right[key]}
            assert not wrong, (number, wrong)
            fewer += there.keys() < right.keys()
        for path, content in files.items():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
    assert refused > count / 2, (refused, fewer)
    assert cells(store) == right
    shutil.rmtree(store)

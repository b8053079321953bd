"""Each of a thousand damaged search-space files is either valid or gives an error. Nothing else happens."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from study import cli
from study.cli import exit_status
from study.errors import SearchSpaceError
from study.space.matched_points import MatchedPoints
from study.space.nearest_size import Fit
from study.space.points import MOST_CELLS, asked_points, count_cells
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.space.trial import label
from tests.space.toml_texts import written
from tests.test_shipped import SHIPPED


def _bytes(text: str, chance: random.Random) -> bytes:
    damaged = bytearray(text.encode())
    for _ in range(chance.randint(1, 2)):
        damaged[chance.randrange(len(damaged))] = chance.choice([chance.randrange(256), *b"0123456789 e_.-"])
    return bytes(damaged)


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def _lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(1, 2)):
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(3):
            case 0:
                del lines[one]
            case 1:
                lines.insert(other, lines[one])
            case _:
                lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


# fmt: off
VALUES = [
    "true", '"a"', '""', '"global_max"', "1", "0", "-1", "7.0", "2.5", "nan", "inf", "-inf", "1e308", "1e-320", "1e999",
    "9223372036854775807", "-9223372036854775808", "9" * 20, "9" * 400, "9" * 5_000, "0x" + "f" * 5_000, "[" * 5_000,
    "[]", "[[]]", "[1, 1]", "[1, 2]", "[true, 1]", '["a", 1]', "[nan, nan]", "{}", "{ low = 1 }", "{low = 1, high = 2}",
    "{ low = nan, high = inf }", "{ low = 2, high = 1, log = true, step = 0.3 }", "1979-05-27", "07:32:00",
    "1979-05-27T07:32:00Z", "'''\n'''", '"\\u0000\\u001b"', '"' + "long " * 1_000 + '"',
]
# fmt: on


def _values(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    settings = [number for number, line in enumerate(lines) if " = " in line]
    for number in chance.sample(settings, k=chance.randint(1, 2)):
        lines[number] = f"{lines[number].partition(' = ')[0]} = {chance.choice(VALUES)}\n"
    return "".join(lines)


def _words(text: str, chance: random.Random) -> str:
    """Replace a word by another word of the file: a key, a table or a text."""
    words = list(re.finditer(r"[\w.]+", text))
    one, other = chance.choice(words), chance.choice(words)
    return text[: one.start()] + other.group() + text[one.end() :]


DAMAGE: list[Callable[[str, random.Random], str | bytes]] = [_bytes, _cut, _lines, _values, _values, _words]


def damaged(number: int) -> bytes:
    """Return a damaged copy of a shipped file. The number decides which file and which damage."""
    chance = random.Random(number)
    text = SHIPPED[number % len(SHIPPED)].read_text(encoding="utf-8")
    made = chance.choice(DAMAGE)(text, chance)
    return made if isinstance(made, bytes) else made.encode()


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build no model to match sizes. It takes half a minute a file, and `tests/space/test_toml_match.py` does it."""
    monkeypatch.setattr(MatchedPoints, "fits", equally_large)


def equally_large(points: MatchedPoints) -> dict[str, Fit]:
    """Answer that every point is as large as the baseline at the same level."""
    return {label(point): Fit(8, 1_000.0) for point in asked_points(points.space)}


def test_a_thousand_damaged_files_are_valid_or_told_and_nothing_else(tmp_path: Path) -> None:
    valid = 0
    for number in range(1_000):
        path = written(tmp_path, damaged(number), f"damaged_{number}.toml")
        try:
            space = read(path)
        except SearchSpaceError as error:
            assert error.problems
            for problem in error.problems:
                assert problem.startswith(f"{path}: "), (number, problem)
                assert problem.isprintable(), (number, problem)
                assert len(problem) < 600, (number, problem)
        except Exception as error:
            pytest.fail(f"file {number}: {type(error).__name__}: {error}\n{path.read_bytes()!r}")
        else:
            valid += 1
            assert SearchSpace.from_json(space.to_json()) == space, number
            assert 1 <= count_cells(space) <= MOST_CELLS
    assert 50 < valid < 600


def test_the_command_ends_well_on_damaged_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [cli.main(["check", str(written(tmp_path, damaged(number)))]) for number in range(0, 1_000, 10)]
    assert set(statuses) == {exit_status.DONE, exit_status.BAD_INPUT}
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err
    assert shown.out.count(" is valid: study 'mine'") == statuses.count(exit_status.DONE)

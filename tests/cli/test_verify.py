"""`study verify`."""

from pathlib import Path

import pytest

from study import cli


@pytest.mark.slow
@pytest.mark.slow
def test_verify_asks_about_numbers_that_no_split_holds(
    smoke: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", "smoke", "--count", "12", "--seed", "3", "--store", str(smoke[0])]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].endswith("on 12 fresh examples that no split holds")
    rows = [line.split() for line in out[2:14]]
    for true, read, *wrong in rows:
        assert len(true) == len(read) == 6
        assert [int(position) for position in wrong] == [n for n in range(1, 7) if true[n - 1] != read[n - 1]]
    assert out[14] == f"{sum(row[0] == row[1] for row in rows)} of 12 read whole (0%)"

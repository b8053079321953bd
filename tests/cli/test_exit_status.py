"""The exit statuses are those that shells and argparse use for the same ends."""

import signal

import pytest

from study import cli
from study.cli.exit_status import BAD_INPUT, DONE, SOME_FAILED, STOPPED


def test_a_script_can_tell_the_ends_apart() -> None:
    assert (DONE, SOME_FAILED, STOPPED) == (0, 1, 128 + signal.SIGINT)


@pytest.mark.parametrize(("arguments", "status"), [(["--help"], DONE), (["fly"], BAD_INPUT)])
def test_argparse_ends_with_the_same_statuses(arguments: list[str], status: int) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == status

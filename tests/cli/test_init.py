"""The package offers the function that the installed command calls."""

from study import cli
from study.cli import commands


def test_the_package_offers_main_alone() -> None:
    assert cli.__all__ == ["main"]
    assert cli.main is commands.main

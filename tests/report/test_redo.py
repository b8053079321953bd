"""How a study is done again."""

import tomllib

from study.report.redo import redo_section
from study.space.declared_keys import declared_keys
from tests.trial_functions import space


def test_a_study_of_the_store_is_run_again_by_its_file() -> None:
    made = redo_section("somewhere/played.toml", space())
    assert made.commands[0].split("  #")[0].strip() == "study run played.toml"
    assert len({line.index("#") for line in made.commands}) == 1
    assert tomllib.loads(made.definition) == declared_keys(space())


def test_an_export_is_computed_again() -> None:
    made = redo_section("/home/me/a b.csv", None)
    assert made.commands == ["study effects 'a b.csv'", "study report 'a b.csv'"]
    assert made.definition == ""

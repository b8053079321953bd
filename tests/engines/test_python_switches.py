"""Every switch can be read again and again, and takes the value that it has."""

import pytest

from study.engines.process_state import Switch
from study.engines.python_switches import PYTHON_SWITCHES


# Pytest's own alarm runs down meanwhile.
@pytest.mark.parametrize(
    "switch", [s for s in PYTHON_SWITCHES if s.name != "the alarm"], ids=lambda switch: switch.name
)
def test_a_switch_keeps_its_value(switch: Switch) -> None:
    before = switch.read()
    assert switch.read() == before
    if switch.write is not None:
        switch.write(before)
        assert switch.read() == before


def test_only_the_choice_of_processors_has_no_way_back() -> None:
    assert [switch.name for switch in PYTHON_SWITCHES if switch.write is None] == ["the choice of processors"]
    names = [switch.name for switch in PYTHON_SWITCHES]
    assert len(set(names)) == len(names)

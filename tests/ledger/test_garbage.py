"""Where Python does not search for unreachable objects, and that it does again afterwards, whatever happens."""

import gc

import pytest

from study.ledger.garbage import no_collection


def test_the_search_goes_on_after_an_error() -> None:
    with pytest.raises(KeyError), no_collection():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()


def test_what_was_off_stays_off() -> None:
    gc.disable()
    try:
        with no_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_innermost_of_several_does_not_turn_it_on() -> None:
    @no_collection()
    def inner() -> None: ...

    with no_collection():
        inner()
        assert not gc.isenabled()
    assert gc.isenabled()

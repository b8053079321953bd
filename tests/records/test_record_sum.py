"""A line of records says whether it was changed after it had been written."""

import json

import pytest

from study.records.record_sum import parsed_line, sealed_line, was_changed

CONTENT = {"key": "ab", "curve": [{"acc": 0.5}, {"acc": float("nan")}], "seed": 3}


def test_a_line_is_as_it_was_however_it_is_laid_out() -> None:
    line = sealed_line(CONTENT)
    assert line.endswith("\n")
    assert not was_changed(parsed_line(line))
    assert not was_changed(parsed_line(json.dumps(json.loads(line), indent=1, sort_keys=True)))
    assert not was_changed(parsed_line(json.dumps(CONTENT))), "an earlier version wrote no checksum"
    assert was_changed(parsed_line(line.replace("0.5", "0.6")))
    assert was_changed(parsed_line(line.replace('"seed":3', '"seed":4')))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"a":1,"a":2}', "the name 'a' stands twice"),
        ('{"a":{"b":1,"b":1}}', "'b' stands twice"),
        ("[]", "no JSON object"),
    ],
)
def test_a_line_that_says_two_things_is_refused(line: str, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        parsed_line(line)

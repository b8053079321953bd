"""Reads one table of a search-space file key by key. It collects problems and does not raise them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from study.errors import Problem
from study.space.hints import did_you_mean, hint, short
from study.space.rules import Rule

_MISSING = object()


class Table:
    """A table, and which of its keys are not yet read. All tables of a document share one list of problems."""

    def __init__(self, values: Mapping[str, Any], problems: list[Problem], *, within: str = "") -> None:
        self._unread = dict(values)
        self._problems = problems
        self._within = within

    def __contains__(self, key: str) -> bool:
        return key in self._unread

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yields the keys that are not yet read, and their values."""
        return iter(self._unread.items())

    @property
    def is_wrong(self) -> bool:
        """Whether there is a problem anywhere in this table."""
        return any(problem.key.startswith(self._within) for problem in self._problems)

    def is_wrong_at(self, key: str) -> bool:
        """Whether there is a problem at a key of this table."""
        return any(problem.key == self._within + key for problem in self._problems)

    def complain(self, key: str, text: str) -> None:
        """Add a problem at a key."""
        self._problems.append(Problem(self._within + key, text))

    def refuse(self, key: str, rule: str, value: Any, *, among: Iterable[Any] = ()) -> None:
        """Add the problem that a value breaks a rule. `among` are the values that the user may have meant."""
        self.complain(key, f"{rule}, not {short(value)}{did_you_mean(value, among)}")

    def pop(self, key: str) -> Any:
        """Read a key without a rule. Returns None if the key is not there, because TOML has no such value."""
        return self._unread.pop(key, None)

    def take(self, key: str, rule: Rule, default: Any = _MISSING) -> Any:
        """Read a key by its rule. Returns the default if the key is absent or its value breaks the rule.

        Without a default, an absent key is a problem too. The result is None if the key is absent or its value wrong.
        """
        value = self._unread.pop(key, _MISSING)
        fallback = None if default is _MISSING else default
        if value is _MISSING:
            if default is _MISSING:
                self.complain(key, f"is missing; it must be {rule.words}")
            return fallback
        if rule.holds(value):
            return value
        self.refuse(key, f"must be {rule.words}", value, among=rule.known)
        return fallback

    def inner(self, key: str, values: Mapping[str, Any]) -> "Table":
        """Returns a table inside this one, from values that were already read."""
        return Table(values, self._problems, within=f"{self._within}{key}.")

    def take_table(self, key: str, rule: Rule) -> "Table":
        """Read a table inside this one. Returns an empty table if it is absent or wrong."""
        return self.inner(key, self.take(key, rule, {}))

    def refuse_rest(self, known: Sequence[str]) -> None:
        """Add a problem for each key that is not yet read. `known` are the keys that the table may have."""
        for key in self._unread:
            self.complain(key, f"no such key{hint(key, known)}")

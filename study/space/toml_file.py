"""Reads a search-space file: turns TOML into a search space, or reports every problem at once."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from study.errors import Problem, SearchSpaceError
from study.space.hints import one_line, some
from study.space.search_space import SearchSpace
from study.space.toml_document import read_space


def read(path: Path) -> SearchSpace:
    """Read the search space of a TOML file.

    Raises SearchSpaceError with every problem in the file. Each problem names the file and the key.
    """
    return read_document(_document(path), path=path, where=f"{path}: ")


def read_document(document: dict[str, Any], *, path: Path, where: str = "") -> SearchSpace:
    """Read the search space of a document. `path` is its file, which need not exist.

    The file's folder is where the task is searched for, and its name is the study's if the document gives none. Each
    problem begins with `where`.
    """
    problems = [Problem(key, "must fit in 64 bits, as every whole number in TOML") for key in _too_large(document)]
    space = None if problems else read_space(path, document, problems)
    if space is None or problems:
        raise SearchSpaceError(f"{where}{one_line(str(problem))}" for problem in problems)
    return space


def _document(path: Path) -> dict[str, Any]:
    if path.suffix == ".py":
        way = f"give the .toml file of a study, which names it by task = './{path.name}'"
        raise SearchSpaceError([f"{path}: is a Python file; {way}"])
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SearchSpaceError([f"{path}: no such file; {_files(path)}"]) from None
    except OSError as error:
        raise SearchSpaceError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line, byte = error.object.count(b"\n", 0, error.start) + 1, error.object[error.start]
        problem = f"{path}: is not UTF-8 text: line {line} holds the byte {byte:#04x}; save it as UTF-8"
        raise SearchSpaceError([problem]) from None
    except tomllib.TOMLDecodeError as error:
        raise SearchSpaceError([f"{path}: is not valid TOML: {error}"]) from None
    except (ValueError, RecursionError):
        raise SearchSpaceError([f"{path}: is not valid TOML: a number or a nesting in it is far too large"]) from None


def _files(path: Path) -> str:
    """Returns the end of a message about a missing file: the name that was probably meant, or the files that exist."""
    files = [file for folder in (Path("search_spaces"), path.parent) for file in folder.glob("*.toml")]
    by_stem = {file.stem: str(file) for file in files if file.name != "pyproject.toml"}
    if near := difflib.get_close_matches(path.stem, by_stem, n=1):
        return f"did you mean {by_stem[near[0]]}?"
    return f"there are {some(sorted(by_stem.values()))}" if by_stem else f"{path.parent} holds no .toml file"


def _too_large(document: dict[str, Any]) -> list[str]:
    """Returns the keys of whole numbers that do not fit in 64 bits. TOML forbids them, but Python's reader does not."""
    return sorted({key for key, value in _values(document) if isinstance(value, int) and not -(2**63) <= value < 2**63})


def _values(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields the key and the value of everything that is neither a table nor a list."""
    waiting: list[tuple[str, Any]] = list(document.items())
    while waiting:  # A loop, because dotted keys may nest deeper than Python's stack.
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{key}.{name}", item) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(key, item) for item in value]
        else:
            yield key, value

"""The structure that study/README.md draws: imports run one way, and each module has its test."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.conftest import ROOT

LAYERS = (
    {"errors"},
    {"files", "streams", "terminal", "text_table"},
    {"task"},
    {"space"},
    {"data", "engines", "sweep", "inference", "tasks"},
    {"training", "ledger"},
    {"records", "running", "tracking"},
    {"winner"},
    {"source"},
    {"analysis"},
    {"report"},
    {"launch"},
    {"results", "testing"},
    {"cli"},
)
"""What may import what: a package imports from itself and from the layers above its own, never from below."""
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("study", "analysis")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def package(module: str) -> str:
    """`study.space.trial` belongs to `space`, `study.task` to `task`, every module of analysis to `analysis`."""
    first, *rest = module.split(".")
    return rest[0] if first == "study" and rest else first


def imports(module: str) -> Iterator[str]:
    """The modules of the project that a module names in its imports, those for type checkers included."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)


def layer(module: str) -> int:
    return next(number for number, packages in enumerate(LAYERS) if package(module) in packages)


def test_every_package_has_its_layer() -> None:
    packages = {package(module) for module in MODULES} - {"study", "__main__"}
    assert packages == set().union(*LAYERS)


def test_imports_run_one_way() -> None:
    upward = [
        f"{module} imports {other}"
        for module in MODULES
        if package(module) not in ("study", "__main__")
        for other in imports(module)
        if package(other) != package(module) and layer(other) >= layer(module)
    ]
    assert upward == []


def test_no_module_imports_itself_through_others() -> None:
    graph = {module: {other for other in imports(module) if other != module} for module in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_every_module_has_its_test() -> None:
    missing = [str(test) for test in map(expected_test, MODULES.values()) if test and not test.is_file()]
    assert missing == []


def expected_test(path: Path) -> Path | None:
    """tests/space/test_trial.py for study/space/trial.py; None for a package of which only a docstring is written."""
    statements = ast.parse(path.read_text(encoding="utf-8")).body
    if len(statements) < 2:
        return None
    inner = path.relative_to(ROOT / "study") if path.is_relative_to(ROOT / "study") else path.relative_to(ROOT)
    name = path.stem.strip("_")
    folder = inner.parent
    return ROOT / "tests" / folder / f"test_{name}.py"

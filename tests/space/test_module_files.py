"""Where the files of a module lie."""

import sys
from pathlib import Path

from study.space.module_files import module_file, module_files


def test_a_module_is_found_and_neither_it_nor_its_package_is_imported(tmp_path: Path) -> None:
    deep = tmp_path / "heavy_package" / "deep"
    deep.mkdir(parents=True)
    for folder in (deep, deep.parent):
        (folder / "__init__.py").write_text("raise AssertionError\n")
    (deep / "net.py").touch()
    search = [str(tmp_path)]
    assert module_files("heavy_package.deep.net", search) == [
        deep.parent / "__init__.py",
        deep / "__init__.py",
        deep / "net.py",
    ]
    assert module_file("heavy_package.deep.net", search) == deep / "net.py"
    assert module_file("heavy_package.deep", search) == deep / "__init__.py"
    assert module_file("heavy_package.deep.missing", search) is None
    assert "heavy_package" not in sys.modules


def test_what_has_no_file_of_python_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    names = ("no_such", "no.such", "sys", "random", "", ".x", "./x", "folder", "a/b")
    assert [module_file(name, [str(tmp_path)]) for name in names] == [None] * len(names)

"""Which files and folders the expressions in a task's code name."""

import ast
from pathlib import Path

import pytest

from study.space.named_places import existing, named_places

FILES = ("table.csv", "own.py", "sub/a.csv", "sub/b.csv", "sub/c.txt", "sub/deep/d.csv", "made/out.csv")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(name)
    monkeypatch.chdir("/")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = open(HERE / 'sub' / 'a.csv')", ["sub/a.csv"]),
        ("x = np.load(os.path.join(os.path.dirname(__file__), 'sub', 'a.csv'))", ["sub/a.csv"]),
        ("def data():\n    place = HERE / 'sub'\n    return read(place / 'a.csv')", ["sub/a.csv"]),
        ("NAME = 'a'\nx = read(HERE / f'sub/{NAME}.csv')", ["sub/a.csv"]),
        ("x = HERE.joinpath('sub', 'a.csv').read_text()", ["sub/a.csv"]),
        ("x = sorted((HERE / 'sub').glob('*.csv'))", ["sub/a.csv", "sub/b.csv"]),
        ("x = (HERE / 'sub').rglob('*.csv')", ["sub/a.csv", "sub/b.csv", "sub/deep/d.csv"]),
        ("x = Path('sub').glob('?.txt')", ["sub/c.txt"]),
        ("x = glob.glob('sub/*.csv')", ["sub/a.csv", "sub/b.csv"]),
        ("x = glob(str(HERE / 'sub/**/*.csv'), recursive=True)", ["sub/a.csv", "sub/b.csv", "sub/deep/d.csv"]),
        ("x = tf.data.Dataset.list_files('sub/*.txt')", ["sub/c.txt"]),
        ("for each in (HERE / 'sub').iterdir():\n    read(each)", ["sub"]),
        ("x = os.listdir('sub')", ["sub"]),
        ("x = keras.utils.image_dataset_from_directory(HERE / 'sub', batch_size=3)", ["sub"]),
        ("x = (HERE / 'sub').glob(pattern)", ["sub"]),
        # What nobody can tell without running it, and what is no reading.
        ("x = open(HERE / 'sub' / choose())", []),
        ("x = (HERE / choose()).glob('*.csv')", []),
        ("sys.path.insert(0, str(HERE / 'sub'))", []),
        ("x = HERE / 'sub'", []),
        ("x = runpy.run_path(HERE / 'own.py')", []),
        ("x = 3 / 4 + len('sub')", []),
        ("x = (HERE / 'made').glob('out.*')", []),
    ],
)
def test_what_is_read_counts(code: str, names: list[str], folder: Path) -> None:
    statements = ast.parse(f"HERE = Path(__file__).resolve().parent\n{code}").body
    found = named_places(statements, folder, written={"out.csv"})
    assert sorted(str(path.relative_to(folder)) for path in found) == names


@pytest.mark.parametrize("text", ["", "gone.csv", "\0", "x" * 5_000, 3])
def test_what_names_nothing_is_nothing(text: object, folder: Path) -> None:
    assert existing(text, folder / "gone") is None

"""Tables of papers, and channels that point at them."""

from pathlib import Path

import pytest
import yaml

from umbra.config import tables
from umbra.config.categories import Spectrum, both_sides, degree_at
from umbra.config.folders import Folders
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config
from umbra.core.records import validated

TABLE = {
    "title": "widths",
    "arxiv": "0000.00000",
    "place": "Fig. 1, read from the vector graphics",
    "columns": ["mass_gev", "width_mev", "efficiency"],
    "rows": [[1.0, 2.0, 0.3], [2.0, 4.0, None], [3.0, 5.0, 0.2]],
}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "widths.yaml").write_text(yaml.safe_dump(TABLE))
    return Folders((tmp_path,))


def point(key: str, column: str, table: str = "widths") -> dict[str, dict[str, str]]:
    return {key: {"table": table, "column": column}}


def test_a_pointer_becomes_rows_without_hidden_points(folders: Folders) -> None:
    content = {"a": [point("efficiency", "efficiency")], "b": 1}
    assert tables.filled(content, folders) == {"a": [{"efficiency": [[1.0, 0.3], [3.0, 0.2]]}], "b": 1}


def test_units_are_converted_where_names_state_both(folders: Folders) -> None:
    assert tables.filled(point("width_mev", "width_mev"), folders)["width_mev"][0] == [1.0, 2.0]
    assert tables.filled(point("width_gev", "width_mev"), folders)["width_gev"][1] == [2.0, 4.0e-3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (point("width_pb", "width_mev"), "width_pb: column 'width_mev' of .*widths.yaml is not in pb"),
        (point("width_mev", "widht_mev"), "there is no column 'widht_mev'; did you mean 'width_mev'"),
        (point("width_mev", "width_mev", "wideths"), "there is no wideths.yaml .* did you mean 'widths'"),
    ],
)
def test_wrong_pointers_are_refused(folders: Folders, content: dict[str, object], message: str) -> None:
    with pytest.raises(UmbraError, match=message):
        tables.filled(content, folders)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": [[2.0, 1.0, 0.1], [1.0, 1.0, 0.1]]}, "mass_gev must increase, and 1.0 in row 1 does not"),
        ({"rows": [[2.0, 1.0]]}, "row 0 has 2 cells for 3 columns"),
        ({"columns": ["mass_gev", "mass_gev"]}, "a name occurs twice"),
        ({"rows": [[2.0, float("nan"), 0.1]]}, "rows/0/1: nan is not a finite number"),
        ({"place": "Fig. 1"}, "place: 'Fig. 1' is too short"),
    ],
)
def test_wrong_tables_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(UmbraError, match=message):
        validated(tables.TableFile, {**TABLE, **change}, "widths.yaml")


def test_all_shipped_tables_are_read() -> None:
    folders = Folders((shipped_config(),))
    found = folders.files("tables")
    assert len(found) >= 4
    for path in found.values():
        validated(tables.TableFile, yaml.safe_load(path.read_text()), path)


def test_a_degree_holds_from_a_mass_on() -> None:
    assert [degree_at(((0.2, 2.0), (0.5, 4.0)), mass) for mass in (0.1, 0.2, 0.49, 0.5, 9.0)] == [
        2,
        2,
        2,
        4,
        4,
    ]
    assert degree_at(3, 1.0) == 3


def test_a_window_reaches_alike_or_not() -> None:
    assert both_sides(20.0) == (20.0, 20.0)
    assert both_sides((20.0, 30.0)) == (20.0, 30.0)


def test_negative_candidates_are_refused() -> None:
    with pytest.raises(UmbraError, match="-1 candidates at 2"):
        validated(Spectrum, {"measures": "mass", "candidates": [[1.0, 1.0], [2.0, -1.0]]}, "spectrum")

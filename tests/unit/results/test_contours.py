"""contours.csv: what is written is read back, and a broken file is refused."""

from dataclasses import replace

import pytest

from umbra.core.errors import UmbraError
from umbra.results.contours import Contour, read_contours, write_contours

ISLAND = Contour(
    quantity="sin_theta",
    level="expected",
    mass_gev=(0.1 + 0.2, 1.0, 2.0),
    value=(1e-5, 1e-4, 1 / 3e5),
    lifetime_mm=0.0,
    model="dark_higgs",
)


def test_contours_come_back_point_by_point(tmp_path):
    contours = [
        ISLAND,
        replace(ISLAND, level="observed", mass_gev=(1.0, 2.0, 3.0, 2.0), value=(1.0, 2.0, 1.0, 0.5)),
    ]
    write_contours(tmp_path / "contours.csv", contours)
    assert read_contours(tmp_path / "contours.csv") == contours
    text = (tmp_path / "contours.csv").read_text()
    assert text.splitlines()[0] == "model,lifetime_mm,quantity,level,contour,mass_gev,value"
    assert len(text.splitlines()) == 8


def test_no_contour_is_a_table_with_a_header_only(tmp_path):
    write_contours(tmp_path / "contours.csv", [])
    assert (tmp_path / "contours.csv").read_text() == "quantity,level,contour,mass_gev,value\n"
    assert read_contours(tmp_path / "contours.csv") == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantity": "yield"}, "'yield'"),
        ({"level": "median"}, "'median'"),
        ({"value": (1.0, 2.0)}, "3 masses and 2 values"),
        ({"value": (1.0, 2.0, float("inf"))}, "inf"),
    ],
)
def test_a_contour_that_breaks_the_contract_is_refused(tmp_path, change, message):
    with pytest.raises(UmbraError, match=message):
        write_contours(tmp_path / "contours.csv", [replace(ISLAND, **change)])
    assert list(tmp_path.iterdir()) == []


def test_a_key_with_holes_is_refused(tmp_path):
    with pytest.raises(UmbraError, match="model is missing"):
        write_contours(tmp_path / "contours.csv", [ISLAND, replace(ISLAND, model=None)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "header"),
        ("quantity,level,contour,mass_gev\n", "header"),
        (
            "quantity,level,contour,mass_gev,value\nsin_theta,expected,0,1.0,x\n",
            "contour 0: could not convert",
        ),
        ("quantity,level,contour,mass_gev,value\nsin_theta,expected,0,1.0\n", "contour 0"),
        ("quantity,level,contour,mass_gev,value\nsin_theta,expected,0,1.0,1.0\n", "no closed curve"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, text, message):
    (tmp_path / "contours.csv").write_text(text)
    with pytest.raises(UmbraError, match=message):
        read_contours(tmp_path / "contours.csv")

"""limits.csv: what is written is read back, byte by byte the same, and a broken table is refused."""

from dataclasses import replace

import pytest

from umbra.core.errors import UmbraError
from umbra.results.limits import LimitRow, groups, read_limits, select, write_limits

ROW = LimitRow(
    mass_gev=0.1 + 0.2,
    quantity="epsilon",
    expected_minus2=1e-4,
    expected_minus1=2e-4,
    expected=3e-4,
    expected_plus1=1 / 3e3,
    expected_plus2=5e-4,
    method="cls asymptotic",
    status="converged",
)
VETOED = LimitRow(mass_gev=1.0, quantity="epsilon", method="", status="excluded_window")


def test_every_double_comes_back_and_an_empty_cell_means_no_number(tmp_path):
    write_limits(tmp_path / "limits.csv", [ROW, VETOED])
    assert read_limits(tmp_path / "limits.csv") == [ROW, VETOED]
    text = (tmp_path / "limits.csv").read_bytes().decode()
    assert text.splitlines()[0] == (
        "mass_gev,quantity,observed,expected_minus2,expected_minus1,expected,expected_plus1,expected_plus2,"
        "method,status"
    )
    assert text.splitlines()[2] == "1.0,epsilon,,,,,,,,excluded_window"
    assert "\r" not in text


def test_only_the_keys_that_the_channel_has_stand_before_the_mass_in_their_order(tmp_path):
    rows = [replace(ROW, lifetime_mm=0.0, model="zprime"), replace(ROW, lifetime_mm=10.0, model="zprime")]
    write_limits(tmp_path / "limits.csv", rows)
    header = (tmp_path / "limits.csv").read_text().splitlines()[0]
    assert header.startswith("model,lifetime_mm,mass_gev,quantity,observed,")
    assert read_limits(tmp_path / "limits.csv") == rows


def test_columns_are_read_by_name_not_by_place(tmp_path):
    write_limits(tmp_path / "limits.csv", [replace(ROW, luminosity_fb=20.0)])
    lines = [line.split(",") for line in (tmp_path / "limits.csv").read_text().splitlines()]
    turned = "\n".join(",".join(reversed(line)) for line in lines)
    (tmp_path / "turned.csv").write_text(turned)
    assert read_limits(tmp_path / "turned.csv") == [replace(ROW, luminosity_fb=20.0)]


def test_errors_of_toys_have_columns_where_some_rows_have_them(tmp_path):
    toys = replace(ROW, mass_gev=2.0, observed=3e-4, observed_error=1e-5, expected_error=2e-5)
    write_limits(tmp_path / "limits.csv", [ROW, toys, VETOED])
    lines = (tmp_path / "limits.csv").read_text().splitlines()
    assert lines[0].endswith(",expected_plus2,observed_error,expected_error,method,status")
    assert [line.split(",")[-4:-2] for line in lines[1:]] == [["", ""], ["1e-05", "2e-05"], ["", ""]]
    assert read_limits(tmp_path / "limits.csv") == [ROW, toys, VETOED]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (replace(ROW, quantity="epsilon2"), "epsilon2"),
        (replace(ROW, status="good"), "good"),
        (replace(ROW, mass_gev=-1.0), "-1.0"),
        (replace(ROW, observed=float("nan")), "observed is nan"),
        (replace(ROW, expected=None), "some are missing"),
        (replace(ROW, expected=9e-4), "fall where they must rise"),
        (replace(ROW, status="fit_failed"), "fit_failed does not go with expected_minus2=0.0001"),
        (replace(VETOED, status="converged"), "no number"),
        (replace(ROW, method=""), "method is missing"),
        (replace(ROW, observed_error=1e-5), "observed_error without observed"),
        (replace(ROW, expected_error=-1e-5), "expected_error is -1e-05"),
        (replace(VETOED, expected_error=1e-5), "expected_error without expected"),
    ],
)
def test_a_row_that_breaks_the_contract_is_named_and_nothing_is_written(tmp_path, row, message):
    with pytest.raises(UmbraError, match=message):
        write_limits(tmp_path / "limits.csv", [row])
    assert list(tmp_path.iterdir()) == []


def test_a_key_with_holes_and_a_double_point_are_refused(tmp_path):
    with pytest.raises(UmbraError, match="model is missing"):
        write_limits(tmp_path / "limits.csv", [ROW, replace(VETOED, model="scalar")])
    with pytest.raises(UmbraError, match="occurs twice"):
        write_limits(tmp_path / "limits.csv", [ROW, replace(ROW, observed=1e-3)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("mass_gev,quantity\n", "missing"),
        ("{header},comment\n", "unknown: .*comment"),
        ("{header}\n1.0,epsilon\n", "line 2: 2 cells"),
        ("{header}\nheavy,epsilon,,,,,,,,fit_failed\n", "line 2: mass_gev is 'heavy'"),
        ("{header}\n,epsilon,,,,,,,,fit_failed\n", "line 2: mass_gev is empty"),
        ("{header}\n1.0,epsilon,None,,,,,,,fit_failed\n", "observed is 'None'"),
        ("{header}\n1.0,epsilon,nan,,,,,,cls,converged\n", "observed is nan"),
    ],
)
def test_a_broken_file_is_refused_with_its_name_and_line(tmp_path, text, message):
    write_limits(tmp_path / "whole.csv", [ROW])
    header = (tmp_path / "whole.csv").read_text().splitlines()[0]
    (tmp_path / "broken.csv").write_text(text.format(header=header))
    with pytest.raises(UmbraError, match=f"broken.csv.*{message}"):
        read_limits(tmp_path / "broken.csv")


def test_rows_are_chosen_by_quantity_and_key_in_order_of_mass():
    heavy, light = replace(ROW, mass_gev=2.0, model="scalar"), replace(ROW, mass_gev=1.0, model="scalar")
    other = replace(ROW, model="zprime")
    rates = replace(ROW, model="zprime", quantity="yield")
    assert select([heavy, rates, light, other], "epsilon", model="scalar") == [light, heavy]
    found = groups([heavy, rates, light, other], "epsilon")
    assert list(found.values()) == [[light, heavy], [other]]
    assert [key[0] for key in found] == ["scalar", "zprime"]

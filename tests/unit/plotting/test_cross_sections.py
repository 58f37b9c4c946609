"""Table and figure of cross-sections."""

import csv
from pathlib import Path

import pytest

from umbra.plotting.cross_sections import COLUMNS, plot_cross_sections
from umbra.validation.cross_sections import compare, load

REFERENCES = Path(__file__).parents[3] / "config" / "validation" / "cross_sections.yaml"


def test_the_table_is_written_with_its_figure(tmp_path: Path) -> None:
    comparisons = compare(load(REFERENCES), 1e-2, ["mumu", "gamma_alp"])
    plot_cross_sections(tmp_path / "table", comparisons)
    with (tmp_path / "table.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(comparisons)
    assert float(rows[0]["ratio"]) == pytest.approx(1.0, abs=0.01)
    assert {row["accuracy"] for row in rows} == {"reached"}
    assert rows[0]["parameters"] == "mass_gev=1 coupling=0.001"
    assert (tmp_path / "table.png").stat().st_size > 10_000
    assert (tmp_path / "table.pdf").stat().st_size > 1000


def test_the_same_table_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        plot_cross_sections(tmp_path / name, compare(load(REFERENCES), 1e-2, ["tautau_alp"]))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()

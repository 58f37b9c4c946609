"""Tables that papers publish of their data: what is read, and what is refused."""

from pathlib import Path

import pytest

from umbra.config.measurements import FittedCrossSection, WindowCount, read_table
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config

HEAD = """# kind: {kind}
# arxiv: "0000.00000"
# citation: "Somebody, arXiv:0000.00000"
# origin: "table one of somebody"
# definition: "made up for tests"
"""
COUNTS = "mass_low_gev,mass_high_gev,n_observed,efficiency,n_background"
FITS = "mass_gev,cross_section_fb,error_fb,efficiency"


def write(folder: Path, kind: str, *lines: str) -> Path:
    path = folder / "table.csv"
    path.write_text(HEAD.format(kind=kind) + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_windows_stand_at_their_middle(tmp_path: Path):
    table = read_table(write(tmp_path, "counts", COUNTS, "-0.15,1.15,0,0.028,0.4", "1.15,1.65,2,0.05,0.2"))
    assert (table.head.kind, table.head.arxiv) == ("counts", "0000.00000")
    assert table.rows[1] == WindowCount(
        mass_low_gev=1.15, mass_high_gev=1.65, n_observed=2, efficiency=0.05, n_background=0.2
    )
    assert [row.mass_gev for row in table.rows] == [0.5, 1.4]


def test_fitted_cross_sections_may_be_negative(tmp_path: Path):
    table = read_table(write(tmp_path, "fits", FITS, "3.6,-1.5,0.9,0.1", "3.7,2,1.1,0.1"))
    assert table.rows[0] == FittedCrossSection(
        mass_gev=3.6, cross_section_fb=-1.5, error_fb=0.9, efficiency=0.1
    )


def test_an_edited_table_is_read_again(tmp_path: Path):
    read_table(write(tmp_path, "fits", FITS, "3.6,-1.5,0.9,0.1"))
    assert read_table(write(tmp_path, "fits", FITS, "3.6,-1.5,0.95,0.1")).rows[0].error_fb == 0.95


@pytest.mark.parametrize(
    ("kind", "lines", "message"),
    [
        ("counts", [COUNTS.replace(",efficiency", ""), "1,2,0,0.1"], "the column efficiency is missing"),
        ("counts", [COUNTS.replace("low_gev", "low_mev"), "1,2,0,0.1,0.1"], "no column 'mass_low_mev'; did you mean"),
        ("counts", [COUNTS + ",efficiency", "1,2,0,0.1,0.1,0.1"], "a column is there twice"),
        ("counts", [COUNTS], "there is no row below the head"),
        ("counts", [COUNTS, "1,2,-1,0.1,0.1"], "line 7: n_observed: -1 is below 0"),
        ("counts", [COUNTS, "1,2,0.5,0.1,0.1"], "line 7: n_observed: 0.5 is not a whole number"),
        ("counts", [COUNTS, "1,2,0,0,0.1"], "line 7: efficiency: 0 is not above 0"),
        ("counts", [COUNTS, "1,2,0,5.2,0.1"], "line 7: efficiency: 5.2 is above 1"),
        ("counts", [COUNTS, "1,2,0,0.1,-0.1"], "line 7: n_background: -0.1 is below 0"),
        ("counts", [COUNTS, "1,2,0,0.1"], "line 7: .*the key 'n_background' is missing"),
        ("counts", [COUNTS, "1,2,0,0.1,0.1,7"], "line 7: .*there is no key 'cell 6'"),
        ("counts", [COUNTS, "1,2,0,nan,0.1"], "line 7: efficiency: nan is not a finite number"),
        ("counts", [COUNTS, "1,2,0,,0.1"], "line 7: efficiency: '' is not a number"),
        ("counts", [COUNTS, "2,1,0,0.1,0.1"], "line 7: .*2 to 1 GeV is no window"),
        ("counts", [COUNTS, "1,2,0,0.1,0.1", "1.5,3,0,0.1,0.1"], "line 8: 1.5 GeV does not follow 2 GeV"),
        ("fits", [FITS, "3,1,1,0.1", "2,1,1,0.1"], "line 8: 2 GeV does not follow 3 GeV"),
        ("fits", [FITS, "3,1,1,0.1", "3,1,1,0.1"], "line 8: 3 GeV does not follow 3 GeV"),
        ("fits", [FITS, "3,1,0,0.1"], "line 7: error_fb: 0 is not above 0"),
        ("count", [COUNTS, "1,2,0,0.1,0.1"], "head: kind: 'count' is not known; did you mean 'counts'"),
    ],
)  # fmt: skip
def test_what_no_table_can_mean_is_refused_with_its_place(tmp_path: Path, kind, lines, message):
    path = write(tmp_path, kind, *lines)
    with pytest.raises(UmbraError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


def test_a_table_without_head_or_file_is_named(tmp_path: Path):
    with pytest.raises(UmbraError, match=r"none.csv: cannot be read"):
        read_table(tmp_path / "none.csv")
    bare = tmp_path / "bare.csv"
    bare.write_text(f"{FITS}\n3,1,1,0.1\n")
    with pytest.raises(UmbraError, match=r"bare.csv: head"):
        read_table(bare)


def test_every_shipped_table_is_read():
    paths = (shipped_config() / "published" / "data").glob("*.csv")
    tables = [read_table(path) for path in paths if "# kind: bins" not in path.read_text().splitlines()]
    assert len(tables) >= 2
    assert all(f"arXiv:{table.head.arxiv}" in table.head.citation for table in tables)

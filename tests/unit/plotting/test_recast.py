"""The figure of a model: every limit that is shown is in its table, and what may not be shown is not."""

import csv
from pathlib import Path

from umbra.config import model_file
from umbra.core.paths import shipped_config
from umbra.plotting.recast import Excluded, plot_recast
from umbra.recast.limits import RecastRow
from umbra.results.contours import Contour

MODEL = model_file.load(shipped_config() / "models" / "b_minus_l.yaml")


def row(mass: float, limit: float, status: str = "converged") -> RecastRow:
    values = (None, *(limit * factor for factor in (0.5, 0.7, 1.0, 1.4, 2.0)))
    return RecastRow(
        channel="c",
        interpretation="main",
        mass_gev=mass,
        lifetime_mm=None,
        values=values,
        rescaled=values,
        status=status,
    )


def test_limits_and_regions_are_drawn_with_their_numbers(tmp_path: Path):
    rows = [row(0.5, 1e-3), row(1.0, 2e-3), row(2.0, 1e-9, "not_prompt"), row(4.0, 3e-3)]
    region = Contour(quantity="g_bl", level="expected", mass_gev=(0.1, 0.2, 0.2), value=(1e-4, 1e-4, 2e-4))
    shown = Excluded(channel="c", experiment="Belle", title="e⁺e⁻", rows=rows, regions=[region])
    plot_recast(tmp_path / "exclusion", MODEL, [shown])
    assert {path.suffix for path in tmp_path.iterdir()} == {".pdf", ".png", ".csv"}
    lines = list(csv.DictReader((tmp_path / "exclusion.csv").read_text().splitlines()))
    assert [line["coupling"] for line in lines if line["channel"] == "c"] == [
        "0.001",
        "0.002",
        "1e-09",
        "0.003",
    ]
    assert [line["status"] for line in lines if line["channel"] == "c"][2] == "not_prompt"
    assert len([line for line in lines if line["channel"] == "c:0"]) == 3


def test_a_figure_of_nothing_says_so(tmp_path: Path):
    plot_recast(tmp_path / "exclusion", MODEL, [])
    assert (tmp_path / "exclusion.csv").read_text() == "channel,level,mass_gev,coupling,rescaled,status\n"

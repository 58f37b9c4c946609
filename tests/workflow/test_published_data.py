"""Channels with published data: what the job graph is built from, and the one clear sentence for what is not."""

from pathlib import Path
from typing import Any

import pytest

from umbra.config import project as configuration
from umbra.config.measurements import Block
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config

CHANNEL = "zprime_invisible_belle2_2018"
TABLE = "zprime_invisible__BelleII-2018__1912.11276"


def load(config: Path, **overrides: Any) -> configuration.Project:
    run = {"channels": [CHANNEL], "overrides": {CHANNEL: overrides} if overrides else {}}
    return configuration.load(run, config)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A table of the same name in a configuration of one's own, which takes the place of the shipped one."""
    path = tmp_path / "config" / "published" / "data" / f"{TABLE}.csv"
    path.parent.mkdir(parents=True)
    path.write_text((shipped_config() / "published" / "data" / f"{TABLE}.csv").read_text())
    return path


def test_the_windows_of_a_paper_are_blocks_beside_the_grid(project: Path):
    """Those of the main interpretation come first: its workspaces are what is asked for where none is named."""
    channel = load(project / "config").channels[CHANNEL]
    *tables, grid = [Block.model_validate(each) for each in channel["blocks"].values()]
    assert (len(grid.masses_gev), grid.rows) == (24, ())
    assert [(each.table, len(each.rows), each.masses_gev) for each in tables] == [(TABLE, 68, ())]


def test_published_data_need_no_pseudo_data(project: Path):
    """What is published is in the blocks; the channel as a whole has no data, nor toys of them."""
    found = load(project / "config")
    assert found.records[CHANNEL].data.kind == "asimov"
    channel = found.channels[CHANNEL]
    assert (channel["data_files"], channel["significance_files"]) == ([], [])
    assert "p_values" in channel["figures"]


def test_pseudo_data_are_those_of_our_own_simulation(project: Path):
    found = load(project / "config", data={"kind": "toy", "seed": 1})
    assert found.records[CHANNEL].simulated.name == "simulated"
    assert found.channels[CHANNEL]["significance_files"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"interpretations": {"lmu_ltau": {"data": {"table": "zprime_invisible__BelleII-2018"}}}},
            rf"interpretations/lmu_ltau/data/table: there is no zprime_invisible__BelleII-2018.csv .*'{TABLE}'",
        ),
        (
            {"interpretations": {"lmu_ltau": {"data": {"kind": "publshed"}}}},  # codespell:ignore
            "interpretations/lmu_ltau/data/kind: 'publshed' is not known; did you mean 'published'",
        ),
        ({"interpretations": {"lmu_ltau": {"background_scale": 0.0}}}, "lmu_ltau/background_scale: published data do"),
        ({"interpretations": {"lmu_ltau": {"efficiency": 0.05}}}, "lmu_ltau/efficiency: published data do not use it"),
        (
            {"projections": {"later": {"label": "later", "luminosity_fb": 10.0}}},
            "projections/later/luminosity_fb: published data do not use it",
        ),
        (
            {"interpretations": {"simulated": None}, "assumptions": {"simulated_no_background": None}},
            "lmu_ltau/data: nothing stands beside it that our own simulation is fitted in",
        ),
    ],
)  # fmt: skip
def test_what_published_data_cannot_be_used_for_is_refused(project: Path, overrides, message: str):
    with pytest.raises(UmbraError, match=message) as caught:
        load(project / "config", **overrides)
    assert f"{CHANNEL}.yaml" in str(caught.value)


def test_masses_in_another_unit_are_refused(own: Path):
    own.write_text(own.read_text().replace("8.014,8.072,", "8014,8072,"))
    with pytest.raises(UmbraError, match=rf"{TABLE}: 8043 GeV is above the kinematic limit"):
        load(own.parents[2])


def test_an_edited_table_runs_the_fits_of_its_channel_and_nothing_before(restamped):
    path = restamped.folder / "config" / "published" / "data" / f"{TABLE}.csv"
    path.write_text(path.read_text().replace("6.668,6.721,2,", "6.668,6.721,3,"))
    planned = restamped.planned()
    assert {each for each in planned if each.startswith(CHANNEL)} == {
        f"{CHANNEL}_{stage}" for stage in ("fit", "limit", "audit", "table", "plot")
    }
    assert not {each for each in planned if each.startswith(("alp_", "aprime_"))}

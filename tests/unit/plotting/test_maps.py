"""Maps of backgrounds: from skims to a figure whose numbers are written beside it."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from channels import CATEGORY, changed, synthetic
from umbra.config.records import EventMap
from umbra.core.io import write_json
from umbra.core.root import new_root_file
from umbra.expectation import maps
from umbra.generation.generated import Generated
from umbra.plotting.labels import channel_labels
from umbra.plotting.maps import plot_maps
from umbra.selection.skims import append

MAP = EventMap.model_validate(
    {
        "x": {"column": "theta", "title": "angle", "range": [0.0, 4.0], "bins": 4},
        "y": {"column": "energy", "title": "energy", "range": [0.0, 2.0], "bins": 2},
        "luminosities_fb": [20.0, 40.0],
    }
)
MADE: dict[str, Any] = {
    "mass_gev": None,
    "events": 10,
    "weight": 8.0,
    "effective_events": 9.0,
    "cross_section_pb": 2.0,
    "cross_section_error_pb": 0.002,
    "born_pb": 1.0,
    "born_error_pb": 0.002,
    "generator": "umbra",
    "unweighting_efficiency": 1.0,
    "overflow_fraction": 0.0,
}


@pytest.fixture(name="skim")
def _skim(tmp_path: Path) -> Path:
    path = tmp_path / "qed.root"
    columns = {"weight": [0.5, 1.0, 2.0], "theta": [0.5, 0.6, 3.5], "energy": [0.1, 0.2, 1.5]}
    with new_root_file(path) as file:
        append(file, {name: np.array(values) for name, values in columns.items()})
    write_json(
        path.with_suffix(".json"), {"generated": [Generated.model_validate(MADE).model_dump(mode="json")]}
    )
    return path


def test_a_map_holds_the_cross_section_of_candidates(skim: Path) -> None:
    """Two pb stand for a weight of eight."""
    channel = synthetic().channel
    (name,) = CATEGORY.backgrounds
    assert maps.build(channel, {}) == {}
    axes = channel.axes.model_copy(update={"map": MAP})
    found = maps.build(channel.model_copy(update={"axes": axes}), {name: skim})[name]
    expected = np.zeros((4, 2))
    expected[0, 0], expected[3, 1] = 0.25 * 1.5, 0.25 * 2.0
    assert found.visible_pb == pytest.approx(expected)
    assert found.variance_pb2[0, 0] == pytest.approx(0.25**2 * 1.25)


def test_samples_of_one_title_share_a_panel(tmp_path: Path) -> None:
    one = maps.Mapped(np.full((4, 2), 0.1), np.full((4, 2), 0.01))
    titles = {"first": "QED", "second": "QED"}
    labels = channel_labels(changed(synthetic()).channel)
    plot_maps(tmp_path / "map", MAP, {"first": one, "second": one}, labels, titles)
    with (tmp_path / "map.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["background"] for row in rows} == {"QED"}
    sums = {
        at: sum(float(row["events"]) for row in rows if float(row["luminosity_fb"]) == at)
        for at in MAP.luminosities_fb
    }
    assert sums == {20.0: pytest.approx(8 * 0.2 * 20e3), 40.0: pytest.approx(8 * 0.2 * 40e3)}
    assert float(rows[0]["events_error"]) == pytest.approx(np.sqrt(0.02) * 20e3)
    assert (tmp_path / "map.png").stat().st_size > 10_000

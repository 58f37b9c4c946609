"""The global significance of a channel: data and pseudo-experiments are ordered by the same statistic."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from umbra.core.errors import UmbraError
from umbra.core.io import read_json, write_json
from umbra.expectation.background import Template
from umbra.inference import fitting, pseudodata, scan, workspace

from .test_fitting import LUMINOSITY_FB, REGION, SETTINGS, synthetic

COUNTING = SETTINGS | {"fit_kind": "counting", "fit": {"kind": "counting", "half_window_sigma": 2.0}}
TOYS = 4000


def test_few_events_have_the_global_p_value_of_their_counts(tmp_path: Path):
    """One event where a tenth is expected is rarer than one where there is half as much again, but not as one sums.

    As a Poisson sum the first has a smaller z than the asymptotic one of the second, which pseudo-experiments have.
    """
    search = synthetic()
    edges = search.edges(REGION)
    middle = 0.5 * (edges[1:] + edges[:-1])
    few = 0.1 / 32.0 * (1.0 + (middle - 3.0) / 3.0).clip(0.0) / (1e3 * LUMINOSITY_FB)
    template = Template(edges, few, np.zeros_like(few), few)
    search = replace(search, settings=COUNTING, templates={"peak": {"qed": template}})
    values = np.zeros(len(middle))
    values[np.searchsorted(edges, 3.0)] = 1.0
    data = {"peak": pseudodata.Counts(edges, values)}
    fits, archive = tmp_path / "fits.json", tmp_path / "b.zip"
    fitting.fit_block(search, COUNTING, data, [3.0, 4.5], fits, archive, {})
    point, other = read_json(fits)["points"]
    rare, common = (
        sum(workspace.read_archive(archive)[each["member"]]["channels"][0]["samples"][1]["data"])
        for each in (point, other)
    )
    assert point["z"] ** 2 < -2.0 * (np.log(common) + 1.0 - common) < point["q0"]

    scan.make_toys(search, data, "main", [fits], [archive], 0, TOYS, tmp_path / "toys.json")
    scan.combine([tmp_path / "toys.json"], [fits], "main", tmp_path / "s.json", {})
    found = read_json(tmp_path / "s.json")
    p = 1.0 - np.exp(-rare) * (1.0 + common) * np.exp(-common)
    assert (found["mass_gev"], found["largest_q0"]) == (3.0, point["q0"])
    assert found["p_toys"] == pytest.approx(p, abs=4.0 * np.sqrt(p / TOYS))


def test_a_scan_without_fits_is_named(tmp_path: Path):
    search = synthetic()
    data = pseudodata.make(search, {"kind": "toy", "seed": 1})
    write_json(tmp_path / "fits.json", {"points": []})
    with pytest.raises(UmbraError, match="channel synthetic, model main: no mass has a fit"):
        scan.make_toys(search, data, "main", [], [], 0, 10, tmp_path / "toys.json")

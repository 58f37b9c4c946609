"""Signal efficiencies between generated masses: what the neighbours say of a mass that is held out."""

from pathlib import Path

import numpy as np
import pytest

from umbra.core.io import read_json
from umbra.core.machines import machine_of
from umbra.expectation import signal
from umbra.selection import skims
from umbra.stages.generate import Request, generate


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("channel", "sample", "column", "masses"),
    [
        ("aprime_dilepton_babar", "aprime_mumu", "reduced_mass_gev", [2.0, 3.0, 4.0, 5.0, 6.0]),
        ("alp_3gamma_belle2", None, "m2_pair_gev2", [1.5, 2.0, 2.5, 3.0, 3.5]),
    ],
)
def test_held_out_masses_close_within_two_percent(
    project: Path, tmp_path: Path, channel: str, sample: str | None, column: str, masses: list[float]
) -> None:
    loaded = project.load({"channels": [channel]}, project / "config").channels[channel]
    regions = [region for region in loaded["regions"] if region["variable"] == column]
    name = sample or regions[0]["signal"]
    spec = loaded["samples"][name]
    file, skim = tmp_path / "sample.root", tmp_path / "skim.root"
    generator = {
        key: spec[key] for key in ("radiation", "parameters", "cuts", "decay", "weighted") if key in spec
    }
    request = Request(
        machine_of(loaded),
        spec["process"],
        {**generator, "masses_gev": masses, "chunk_events": 60_000},
        0,
    )
    generate(request, file, file.with_suffix(".json"), "")
    skim.skim([file], loaded["slices"]["skim"], spec, skim, skim.with_suffix(".json"), {})
    generated = read_json(skim.with_suffix(".json"))["generated"]
    model = signal.build(column, skims.read(skim), generated, channel)
    for closure in model.held_out():
        assert abs(closure.efficiency) < 0.02 + 2.0 * closure.efficiency_error, closure
        assert closure.efficiency_error < 0.012
        assert abs(closure.resolution) < 0.05, closure
    assert np.mean([abs(closure.efficiency) for closure in model.held_out()]) < 0.02

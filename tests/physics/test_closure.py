"""Signal efficiencies between generated masses: what the neighbours say of a mass that is held out."""

from pathlib import Path

import numpy as np
import pytest

from umbra.config.project import load
from umbra.expectation import signal
from umbra.expectation.skims import generated
from umbra.selection import skims
from umbra.stages.generate import Request, generate
from umbra.stages.skim import skim


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
    of = load({"channels": [channel]}, project / "config").records[channel]
    category = next(each for each in of.categories if each.variable == column)
    declared = of.samples[sample or category.signal]
    file, skimmed = tmp_path / "sample.root", tmp_path / "skim.root"
    told = declared.generator.model_copy(update={"masses_gev": tuple(masses), "chunk_events": 60_000})
    generate(Request(declared.machine, declared.process, told, 0), file, file.with_suffix(".json"), "")
    skim([file], of, declared, skimmed, skimmed.with_suffix(".json"), {})
    model = signal.build(column, skims.read(skimmed), generated(skimmed), channel)
    for closure in model.held_out():
        assert abs(closure.efficiency) < 0.02 + 2.0 * closure.efficiency_error, closure
        assert closure.efficiency_error < 0.012
        assert abs(closure.resolution) < 0.05, closure
    assert np.mean([abs(closure.efficiency) for closure in model.held_out()]) < 0.02

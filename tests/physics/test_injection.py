"""Signals that are put into pseudo-data come back: mass, yield and coupling."""

from pathlib import Path

import numpy as np
import pytest

from umbra.config import yaml
from umbra.inference.injection import Injection, read

CHANNELS = Path(__file__).parents[2] / "config" / "channels"
#: Channels of the small run; the others have their turn at night.
SMALL = ("alp_3gamma_belle2", "aprime_dilepton_babar", "zprime_invisible_belle2_2018")
#: Error of the mean of 1,000 pulls that are standard normal, and of their width.
_PULL_ERROR, _WIDTH_ERROR = 1000**-0.5, 2000**-0.5


@pytest.mark.parametrize("channel", SMALL)
def test_injected_signals_come_back(finished, channel: str) -> None:
    judge(finished.folder, channel)


@pytest.mark.nightly  # all families of channels: several minutes
@pytest.mark.parametrize("channel", sorted(path.stem for path in CHANNELS.glob("*.yaml")))
def test_injected_signals_come_back_in_every_channel(injected, channel: str) -> None:
    judge(injected.folder, channel)


def judge(checkout: Path, channel: str) -> None:
    injections = read(checkout / "results" / channel / "injection.json")
    assert injections
    fit = yaml.read(CHANNELS / f"{channel}.yaml").content["fit"]["method"]
    for each in injections:
        assert each.failed_fits <= 0.001 * each.toys, each
        assert_yield(each)
        if each.coupling_ratio is not None:
            assert each.coupling_ratio == pytest.approx(1.0, rel=1e-6), each
        assert (each.mass_shift is not None) == (fit == "peak"), each
        if each.mass_shift is not None and each.mass_shift_error is not None:
            assert abs(each.mass_shift) < 0.03 + 3.0 * each.mass_shift_error, each


def assert_yield(each: Injection) -> None:
    off = each.mean_yield - each.injected_yield
    assert abs(off) < 4.0 * each.mean_yield_error + 0.02 * each.injected_yield, each
    # Limits of low counts hold the truth more often than they have to, never less.
    assert each.coverage_90 > 0.9 - 3.0 * np.sqrt(0.09 / each.toys), each
    if each.kind == "gaussian":
        assert abs(each.pull_mean) < 0.1 + _PULL_ERROR, each
        assert 0.93 - _WIDTH_ERROR < each.pull_width < 1.07 + _WIDTH_ERROR, each

"""Signals that are put into pseudo-data of every channel come back: mass, yield and coupling."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from umbra.injection import Injection, read

CHANNELS = sorted(path.stem for path in (Path(__file__).parents[2] / "config" / "channels").glob("*.yaml"))
#: Error of the mean of 1,000 pulls that are standard normal, and of their width.
_PULL_ERROR, _WIDTH_ERROR = 1000**-0.5, 2000**-0.5


@pytest.fixture(scope="module")
def found(injected) -> Callable[[str], list[Injection]]:
    """Give what a channel of the tiny run finds."""
    return lambda channel: read(injected.folder / "results" / channel / "injection.json")


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_injected_signal_comes_back(found, channel: str) -> None:
    injections = found(channel)
    assert injections
    for each in injections:
        assert each.failed_fits <= 0.001 * each.toys, each
        off = each.mean_yield - each.injected_yield
        assert abs(off) < 4.0 * each.mean_yield_error + 0.02 * each.injected_yield, each
        # Limits of low counts hold the truth more often than they have to, never less.
        assert each.coverage_90 > 0.9 - 3.0 * np.sqrt(0.09 / each.toys), each
        if each.kind == "gaussian":
            assert abs(each.pull_mean) < 0.1 + _PULL_ERROR, each
            assert 0.93 - _WIDTH_ERROR < each.pull_width < 1.07 + _WIDTH_ERROR, each


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_coupling_that_is_put_in_is_the_one_that_is_quoted(found, channel: str) -> None:
    for each in found(channel):
        if each.coupling_ratio is not None:
            assert each.coupling_ratio == pytest.approx(1.0, rel=1e-6), each


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_peak_is_found_at_its_mass(project: Path, found, channel: str) -> None:
    settings = yaml.safe_load((project / "config" / "channels" / f"{channel}.yaml").read_text())
    peak = settings["fit"]["kind"] == "peak"
    for each in found(channel):
        assert (each.mass_shift is not None) == peak, each
        if each.mass_shift is not None and each.mass_shift_error is not None:
            assert abs(each.mass_shift) < 0.03 + 3.0 * each.mass_shift_error, each

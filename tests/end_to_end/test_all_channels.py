"""The tiny scan of all channels: every one leaves limits and figures."""

from pathlib import Path

import pytest

from umbra.results.limits import read_limits

CHANNELS = sorted(path.stem for path in (Path(__file__).parents[2] / "config" / "channels").glob("*.yaml"))
STATUSES = {"converged", "excluded_window", "no_sensitivity"}


@pytest.mark.nightly  # several minutes
@pytest.mark.parametrize("channel", CHANNELS)
def test_limits_and_figures_of_every_channel(everything, channel: str) -> None:
    folder = everything.folder / "results" / channel
    rows = read_limits(folder / "limits.csv")
    assert {row.status for row in rows} <= STATUSES
    converged = [row for row in rows if row.converged]
    assert converged
    assert all(row.expected_minus2 <= row.expected <= row.expected_plus2 for row in converged)
    for suffix in ("pdf", "png", "csv"):
        assert (folder / f"exclusion.{suffix}").stat().st_size > 200

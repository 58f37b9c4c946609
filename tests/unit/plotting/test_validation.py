"""The figure of a comparison: each bin is listed, compared or not."""

import csv
from pathlib import Path

import pytest

from umbra.config.records import Bound
from umbra.plotting.labels import Labels
from umbra.plotting.validation import plot_comparison
from umbra.validation.bins import ComparedBin
from umbra.validation.comparison import Comparison
from umbra.validation.limit import Limit
from umbra.validation.published import load_curve

CURVE = Path(__file__).parents[3] / "config/published/alp_gammagamma__BelleII__2007.13071.yaml"
LABELS = Labels(
    experiment="Belle II", process="p", mass_axis="m", sqrt_s_gev=(10.58,), luminosity_fb=0.445,
    confidence_level=0.95, backgrounds={},
)  # fmt: skip
BOUND = Bound(median_dex=0.1, bias_dex=0.05, worst_dex=0.3)


def test_each_bin_is_listed_with_its_ratio_or_the_reason_why_there_is_none(tmp_path):
    curve = load_curve(CURVE)
    limits = [Limit("expected", 1.5 * each.limit) for each in curve.bins[:-1]]
    bins = [
        ComparedBin(bin=each, theirs=each.of_kind("expected"), mass_gev=each.mass_gev, ours=ours)
        for each, ours in zip(curve.bins, limits, strict=False)
    ]
    bins.append(ComparedBin(bin=curve.bins[-1], theirs=limits[0], mass_gev=9.9, ours=None, skipped="vetoed"))
    comparison = Comparison(channel="c", curve=curve, bins=tuple(bins), bounds=(BOUND,), reason="")
    plot_comparison(tmp_path / comparison.figure, comparison, LABELS)
    with (tmp_path / f"c__{curve.name}.csv").open(newline="") as stream:
        listed = list(csv.DictReader(stream))
    assert [float(row["ratio"]) for row in listed[:-1]] == pytest.approx([1.5] * (len(bins) - 1))
    assert (listed[-1]["ratio"], listed[-1]["skipped"]) == ("", "vetoed")
    assert (tmp_path / f"c__{curve.name}.png").stat().st_size > 10_000

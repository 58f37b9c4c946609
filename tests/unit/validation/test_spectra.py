"""Published spectra beside simulated ones: absolute numbers, bins inside the axis, sums over ranges."""

from pathlib import Path

import numpy as np
import pytest

from channels import CATEGORY, category, changed, imposed, synthetic
from umbra.config.categories import Spectrum
from umbra.core.errors import UmbraError
from umbra.expectation.binned import BinnedExpectation
from umbra.validation import spectra

#: Bins of 0.5 GeV; the last one lies beyond the axis of the simulated category.
BINS = tuple((0.25 + 0.5 * i, 100.0) for i in range(40))


@pytest.fixture(scope="module", name="expectation")
def _expectation() -> BinnedExpectation:
    plain = synthetic()
    spectrum = Spectrum(
        measures="mass", candidates=BINS, simulated=(CATEGORY.name,), ranges=(2.0, 3.0, 5.0, 30.0)
    )
    data = category(name="data", backgrounds=(), spectrum=spectrum, published_efficiency=imposed())
    return changed(plain, channel={"categories": (CATEGORY, data)})


def test_bins_hold_the_absolute_expectation_and_end_with_the_axis(expectation: BinnedExpectation) -> None:
    found = spectra.compare(expectation.channel, expectation)
    edges, total = expectation.edges(CATEGORY), expectation.total_background(CATEGORY)
    assert {(each.category, each.beside) for each in found} == {("data", CATEGORY.name)}
    assert found[-1].high <= edges[-1] < BINS[-1][0]
    inside = (edges[:-1] >= found[0].low) & (edges[1:] <= found[-1].high)
    assert sum(each.simulated for each in found) == pytest.approx(total[inside].sum(), rel=0.02)
    assert all(each.error > 0.0 for each in found if each.simulated > 0.0)


def test_ranges_are_sums_with_the_errors_of_data_and_simulation(
    expectation: BinnedExpectation, tmp_path: Path
) -> None:
    bins = spectra.compare(expectation.channel, expectation)
    first, second, _ = spectra.in_ranges(expectation.channel, bins)
    mine = [each for each in bins if 3.0 <= 0.5 * (each.low + each.high) < 5.0]
    assert (first.bins, second.bins, second.data) == (2, 4, 400.0)
    assert second.simulated == pytest.approx(sum(each.simulated for each in mine))
    assert second.ratio == pytest.approx(second.simulated / 400.0)
    spread = np.hypot(second.error / second.simulated, 1.0 / 20.0)
    assert second.ratio_error == pytest.approx(second.simulated / 400.0 * spread)
    spectra.write_ranges(tmp_path / "spectra.csv", [("search", second)])
    assert (tmp_path / "spectra.csv").read_text().splitlines()[1].startswith("search,data,")
    assert any("3 - 5 | 4 | 400" in line for line in spectra.section([("search", second)]))


def test_what_is_beside_needs_ranges_and_ranges_something_beside() -> None:
    for changes in ({"simulated": ("a",)}, {"ranges": (1.0, 2.0)}):
        with pytest.raises(ValueError, match="one says of what, the other where"):
            Spectrum(measures="mass", candidates=BINS, **changes)  # type: ignore[arg-type]


def test_a_category_without_simulation_is_refused(expectation: BinnedExpectation) -> None:
    from umbra.config.checks import _check_spectrum

    spectrum = expectation.channel.categories[1].spectrum
    assert spectrum is not None
    for name, message in (("peek", "peak"), ("data", "has no backgrounds")):
        wrong = category(
            name="data",
            backgrounds=(),
            published_efficiency=imposed(),
            spectrum=spectrum.model_copy(update={"simulated": (name,)}),
        )
        with pytest.raises(UmbraError, match=message):
            _check_spectrum(expectation.channel, wrong, "categories/data")

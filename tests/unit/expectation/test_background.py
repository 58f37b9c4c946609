"""Background templates: the axis follows the resolution, smoothing keeps sum and shape."""

import numpy as np
import pytest

from channels import records, sample
from umbra.config.categories import Spectrum
from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.core.variables import position
from umbra.expectation import background, signal
from umbra.expectation.binned import rebinned
from umbra.inference.methods.peak import bernstein


@pytest.fixture(scope="module")
def model():
    return signal.build("mass_gev", sample(), records(), "test")


def test_axis_steps_are_an_eighth_of_the_resolution(model):
    edges = background.axis(model, (1.0, 6.0), None)
    middle = 0.5 * (edges[1:] + edges[:-1])
    inside = (middle > 1.0) & (middle < 6.0)
    resolution = np.array([model.resolution_at(m) for m in middle[inside]])
    np.testing.assert_allclose(
        np.diff(edges)[inside] * background.BINS_PER_RESOLUTION / resolution, 1.0, rtol=0.01
    )


def test_axis_stops_at_physical_limits(model):
    edges = background.axis(model, (1.0, 6.0), [0.8, 6.1])
    assert (edges[0], edges[-1]) == pytest.approx((0.8, 6.1))
    assert (np.diff(edges) > 0).all()


def test_smoothing_keeps_the_sum_of_rare_events_of_very_different_weights():
    """Two events in a resolution, one in ten of them with the weight of 45 others: most groups see light ones only."""
    rng = generator("smoothing of weights")
    bins = np.arange(4000) + 0.5
    truth = 0.4 * np.exp(-bins / 2500.0)
    light, heavy = rng.poisson(0.9 * truth), rng.poisson(0.1 * truth)
    values, variances = light + 45.0 * heavy, light + 45.0**2 * heavy
    smooth = background.smoothed(values, variances)
    assert smooth.sum() == pytest.approx(values.sum(), rel=0.02)
    expected = (0.9 + 4.5) * truth
    halves = [slice(None, 2000), slice(2000, None)]
    for half in halves:
        assert smooth[half].sum() == pytest.approx(expected[half].sum(), rel=0.25)


def test_events_beyond_the_last_whole_resolution_are_left_as_they_are():
    values = np.zeros(40 * background.BINS_PER_RESOLUTION + 3)
    values[-1] = 2.0
    np.testing.assert_array_equal(background.smoothed(values, values), values)


@pytest.mark.parametrize(
    ("name", "density"),
    [
        ("tail", lambda x: 60.0 * np.exp(-0.5 * (x / 500.0) ** 2) + 0.04),
        ("edge", lambda x: 4.0 / (1.0 + np.exp((x - 1200.0) / 16.0)) + 0.05),
    ],
)
def test_smoothing_keeps_few_events_beside_many(name, density):
    """A third of an event in a resolution matters little for the sum of all, but is all that a window there has."""
    rng = generator(f"smoothing of a {name}")
    truth = density(np.arange(4800) + 0.5)
    counts = rng.poisson(truth).astype(float)
    smooth = background.smoothed(counts, counts)
    for first in range(0, 4800, 1600):
        window = slice(first, first + 1600)
        events = truth[window].sum()
        assert smooth[window].sum() == pytest.approx(events, abs=4.0 * np.sqrt(events))


def test_smoothing_keeps_sum_and_beats_the_noise():
    rng = generator("smoothing")
    bins = np.arange(2000) + 0.5
    truth = 40.0 * np.exp(-bins / 900.0)
    counts = rng.poisson(truth).astype(float)
    smooth = background.smoothed(counts, counts)
    assert smooth.sum() == pytest.approx(counts.sum(), rel=0.01)
    assert (smooth >= 0.0).all()
    np.testing.assert_allclose(smooth, truth, rtol=0.05, atol=0.3)


def test_histogram_counts_weights_and_variances():
    edges = np.linspace(0.0, 1.0, 3)
    template = background.build(edges, np.array([0.1, 0.2, 0.7, 5.0]), np.array([1.0, 2.0, 3.0, 9.0]))
    np.testing.assert_array_equal(template.visible_pb, [3.0, 3.0])
    np.testing.assert_array_equal(template.variance_pb2, [5.0, 9.0])
    assert template.effective_events() == pytest.approx(36.0 / 14.0)


def test_file_gives_back_what_was_written(tmp_path):
    edges = np.array([0.0, 0.5, 2.0])
    made = background.build(edges, np.array([0.1, 1.0]), np.array([0.25, 0.75]))
    background.write(tmp_path / "t.root", {"low": {"qed": made}})
    again = background.read(tmp_path / "t.root", {"low": ["qed"]})["low"]["qed"]
    for name, value in vars(made).items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_truncated_file_is_an_error_that_names_it(tmp_path):
    background.write(
        tmp_path / "t.root",
        {"low": {"qed": background.build(np.arange(9999.0), np.array([0.5]), np.ones(1))}},
    )
    whole = (tmp_path / "t.root").read_bytes()
    (tmp_path / "t.root").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UmbraError, match=r"t\.root"):
        background.read(tmp_path / "t.root", {"low": ["qed"]})


@pytest.mark.parametrize("degree", [0, 1, 3, 5])
def test_bernstein_basis_adds_up_to_a_flat_density(degree):
    edges = np.array([1.0, 1.5, 3.0, 4.0])
    basis = bernstein(edges, degree)
    assert basis.shape == (degree + 1, 3)
    assert (basis >= 0.0).all()
    np.testing.assert_allclose(basis.sum(axis=0), np.diff(edges) / np.diff(edges).mean())


def test_bernstein_of_first_degree_is_a_rising_and_a_falling_line():
    falling, rising = bernstein(np.linspace(0.0, 1.0, 5), 1)
    np.testing.assert_allclose(rising, [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(falling, rising[::-1])


def test_rebinning_divides_bins_in_proportion_and_stops_at_the_ends():
    np.testing.assert_allclose(
        rebinned(np.array([2.0, 4.0]), np.array([0.0, 1.0, 2.0]), np.array([-1.0, 0.5, 1.5, 9.0])),
        [1.0, 3.0, 2.0],
    )


@pytest.mark.parametrize(
    ("variable", "measures", "exact"),
    [
        # Densities of 500 and, from 1.3 on, 1500 per unit, linear between the middles 1.2 and 1.3 of bins of 0.1.
        ("mass_gev", "mass", 500.0 * 0.2 + 100.0 + 1500.0 * 0.2),
        # The same in m^2: from 1.0 to 1.5 GeV it is 1 to 2.25 GeV^2.
        ("mass_gev", "mass_squared", 500.0 * 0.2 + 100.0 + 1500.0 * 0.95),
        ("m2_recoil_gev2", "mass", 500.0 * 0.2 + 100.0 + 1500.0 * 0.2),
    ],
)
def test_a_published_spectrum_keeps_its_candidates(variable: str, measures: str, exact: float) -> None:
    spectrum = Spectrum(measures=measures, candidates=((1.1, 50.0), (1.2, 50.0), (1.3, 150.0), (1.5, 150.0)))
    edges = position(variable, np.linspace(1.0, 1.5, 41))
    template = background.from_spectrum(edges, variable, spectrum, luminosity_pb=2.0)["published_spectrum"]
    assert 2.0 * template.visible_pb.sum() == pytest.approx(exact)
    np.testing.assert_array_equal(template.smooth_pb, template.visible_pb)
    # The error is that of the paper's own counts.
    np.testing.assert_allclose(template.variance_pb2 * 2.0**2, template.visible_pb * 2.0)


def test_a_spectrum_opens_at_its_threshold_as_pairs_of_fermions_do():
    """Counts in the bins stay about what they are; none is below the threshold, and few just above it."""
    spectrum = Spectrum(
        measures="mass", candidates=((0.25, 1000.0), (0.35, 1000.0), (0.45, 900.0)), threshold_gev=0.2113
    )
    edges = np.sqrt(np.maximum(np.array([0.2113, 0.22, 0.3, 0.4]) ** 2 - 4 * 0.1056583755**2, 0.0))
    template = background.from_spectrum(edges, "reduced_mass_gev", spectrum, luminosity_pb=1.0)[
        "published_spectrum"
    ]
    first, rest, second = template.visible_pb
    assert first + rest == pytest.approx(1000.0, rel=0.04)
    assert second == pytest.approx(1000.0, rel=0.07)
    # v^2 grows linearly: the integral of 3 v / 2 over the first 8.7 MeV, of what it is over the bin.
    v = lambda m: np.sqrt(1 - (0.2113 / m) ** 2)  # noqa: E731
    fine = np.linspace(0.2113, 0.3, 20001)[1:]
    share = v(fine) * (3 - v(fine) ** 2)
    assert first / (first + rest) == pytest.approx(share[fine < 0.22].sum() / share.sum(), rel=0.03)

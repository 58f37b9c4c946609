"""From limits on signal strengths to rows of the table."""

import pytest

from channels import COUPLING, reading, synthetic_channel
from umbra.config.records import OtherCoupling
from umbra.inference.hypothesis import FittedPoint, LimitedPoint
from umbra.results.table import rows_of
from umbra.statistics.results import Limit

LIMIT = Limit(
    poi="mu",
    cl=0.9,
    observed=6.0,
    observed_low=None,
    expected=(1.0, 2.0, 4.0, 8.0, 16.0),
    method="cls_toys",
    status="converged",
    reason="",
    observed_error=0.006,
    expected_error=0.004,
)
FITTED = FittedPoint(
    mass_gev=3.0,
    mass2_gev=None,
    lifetime_mm=None,
    interpretation="main",
    status="converged",
    reason="",
    yield_per_mu=10.0,
    production="cross_section_fb",
    production_per_mu=0.5,
    coupling_power_per_mu=1e-6,
    member="w",
    windows={},
    bins={},
    expected_background=1.0,
)
CUBED = OtherCoupling(name="g_prime", exponent=1.5, factor=2.0, convention="")


@pytest.fixture(scope="module", name="channel")
def _channel():
    coupling = COUPLING.model_copy(update={"also": (CUBED,)})
    return synthetic_channel(interpretations=(reading(coupling=coupling),))


def test_errors_of_toys_are_half_the_distance_of_limits_one_error_apart(channel):
    def rows(shift):
        observed = LIMIT.observed + shift * LIMIT.observed_error
        median = LIMIT.expected[2] + shift * LIMIT.expected_error
        expected = (*LIMIT.expected[:2], median, *LIMIT.expected[3:])
        limit = Limit(**{**vars(LIMIT), "observed": observed, "expected": expected})
        return rows_of(channel, [LimitedPoint.of(FITTED, limit)])

    low, middle, high = rows(-1.0), rows(0.0), rows(1.0)
    assert [row.quantity for row in middle] == ["yield", "cross_section_fb", "epsilon", "g_prime"]
    for below, row, above in zip(low, middle, high, strict=True):
        assert row.observed_error == pytest.approx(0.5 * (above.observed - below.observed), rel=1e-5)
        assert row.expected_error == pytest.approx(0.5 * (above.expected - below.expected), rel=1e-5)
    assert middle[0].observed_error == pytest.approx(0.06)


def test_limits_without_toys_have_no_errors(channel):
    exact = Limit(**{**vars(LIMIT), "observed_error": None, "expected_error": None})
    for limit in (exact, None):
        for row in rows_of(channel, [LimitedPoint.of(FITTED, limit)]):
            assert (row.observed_error, row.expected_error) == (None, None)


def test_bands_alone_may_have_an_error(channel):
    """As those of a Bayesian limit, whose observed one is an integral."""
    limit = Limit(**{**vars(LIMIT), "observed_error": None})
    row = rows_of(channel, [LimitedPoint.of(FITTED, limit)])[0]
    assert (row.observed_error, row.expected_error) == (None, pytest.approx(0.04))


@pytest.mark.parametrize(("lifetime_mm", "couplings"), [(None, 2), (1e7, 0), (1e12, 2)])
def test_a_coupling_has_limits_where_it_does_not_fix_the_lifetime(channel, lifetime_mm, couplings):
    point = LimitedPoint.of(FITTED.model_copy(update={"lifetime_mm": lifetime_mm}), LIMIT)
    rows = rows_of(channel, [point])
    assert [row.quantity for row in rows][2:] == ["epsilon", "g_prime"][:couplings]
    assert {row.lifetime_mm for row in rows} == {lifetime_mm}

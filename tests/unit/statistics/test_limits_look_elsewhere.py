"""Toys of whole spectra, and the two global p-values."""

import math

import numpy as np
import pyBumpHunter
import pytest
from scipy.stats import norm

from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.engine import discoveries
from umbra.statistics.fit import minimise
from umbra.statistics.look_elsewhere import SpectrumToys, global_significance, merge, spectrum_toys
from umbra.statistics.profile import prepare
from umbra.statistics.toy_kernel import minimise_toys
from umbra.statistics.toys import draw

HALF, WIDTH = 20, 2.0


def scan(spectrum, counts, n_masses):
    """Workspaces with a Gaussian peak on three Bernstein terms in sliding windows, and their bins."""
    workspaces, bins = [], []
    for centre in np.linspace(HALF, len(spectrum) - HALF, n_masses):
        first = round(centre) - HALF
        x = np.arange(2 * HALF) + 0.5
        u, expected = x / (2 * HALF), spectrum[first : first + 2 * HALF]
        basis = np.array([math.comb(2, k) * u**k * (1 - u) ** (2 - k) for k in range(3)])
        heights = np.linalg.lstsq(basis.T, expected, rcond=None)[0]
        signal = 50.0 * np.exp(-0.5 * ((x + first - centre) / WIDTH) ** 2)
        samples = [
            {
                "name": "signal",
                "data": signal.tolist(),
                "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
            }
        ]
        for k in range(3):
            term = {"name": f"term{k}", "type": "normfactor", "data": None}
            samples.append(
                {"name": f"term{k}", "data": (heights[k] * basis[k]).tolist(), "modifiers": [term]}
            )
        workspaces.append(
            {
                "channels": [{"name": "window", "samples": samples}],
                "observations": [{"name": "window", "data": counts[first : first + 2 * HALF].tolist()}],
                "measurements": [{"name": "scan", "config": {"poi": "mu", "parameters": []}}],
                "version": "1.0.0",
            }
        )
        bins.append(
            np.stack([np.arange(first, first + 2 * HALF), np.arange(first, first + 2 * HALF) + 1], axis=1)
        )
    return workspaces, bins


SPECTRUM = 400.0 * np.exp(-np.arange(160) / 100.0)


@pytest.fixture(scope="module")
def toys():
    workspaces, bins = scan(SPECTRUM, SPECTRUM, 41)
    chunks = [
        spectrum_toys(workspaces, bins, SPECTRUM, 150, generator("channel", chunk)) for chunk in range(2)
    ]
    return merge(chunks)


def test_a_toy_of_the_spectrum_is_what_discoveries_see(toys):
    counts = generator("channel", 0).poisson(SPECTRUM, size=(150, len(SPECTRUM)))
    for toy in (0, 17):
        workspaces, _ = scan(SPECTRUM, counts[toy].astype(float), 41)
        largest = max(found.q0 for found in discoveries(workspaces))
        assert toys.largest_q0[toy] == pytest.approx(largest, abs=1e-4)


def test_one_mass_has_the_local_significance():
    workspaces, bins = scan(SPECTRUM, SPECTRUM, 1)
    toys = spectrum_toys(workspaces, bins, SPECTRUM, 1000, np.random.default_rng(1))
    assert toys.failed_fits == 0
    for z in (0.5, 1.0, 1.64):
        share = (toys.largest_q0 >= z**2).mean()
        assert share == pytest.approx(norm.sf(z), abs=4 * math.sqrt(norm.sf(z) / 1000))


def test_both_global_p_values_agree_on_a_moderate_excess(toys):
    result = global_significance(np.array([0.1, 9.0, 3.0]), toys)
    assert result.n_toys == 300
    assert result.failed_fits == 0
    assert result.p_local == pytest.approx(norm.sf(3.0))
    assert result.p_local < result.p_toys < 1.0
    assert result.p_gross_vitells == pytest.approx(result.p_toys, abs=5 * result.p_toys_error + 0.02)


def test_an_excess_beyond_all_toys_is_bounded_by_one_of_them(toys):
    result = global_significance(np.array([60.0]), toys)
    assert result.p_toys == pytest.approx(1.0 / 300)
    assert result.p_gross_vitells < 1e-9


def test_chunks_merge_in_order():
    one = SpectrumToys(np.array([1.0]), np.array([2]), 3)
    two = SpectrumToys(np.array([4.0]), np.array([5]), 6)
    both = merge([one, two])
    assert (both.largest_q0.tolist(), both.upcrossings.tolist(), both.failed_fits) == ([1.0, 4.0], [2, 5], 9)


def test_bins_outside_the_spectrum_are_refused():
    workspaces, bins = scan(SPECTRUM, SPECTRUM, 1)
    with pytest.raises(UmbraError, match="workspace 0"):
        spectrum_toys(workspaces, [bins[0] + 200], SPECTRUM, 2, np.random.default_rng(1))


def test_bumphunter_finds_the_same_bump():
    counts = np.random.default_rng(5).poisson(SPECTRUM).astype(float)
    counts[78:83] += np.array([10, 25, 35, 25, 10])
    workspaces, _ = scan(SPECTRUM, counts, 41)
    q0 = [found.q0 for found in discoveries(workspaces)]
    centres = np.linspace(HALF, len(SPECTRUM) - HALF, 41)
    edges = np.arange(len(SPECTRUM) + 1)
    hunter = pyBumpHunter.BumpHunter1D(
        rang=[0, len(SPECTRUM)], width_min=3, width_max=8, npe=200, bins=edges, seed=1, nworker=1
    )
    hunter.bump_scan(counts, SPECTRUM, is_hist=True)
    first, width = int(np.ravel(hunter.min_loc_ar)[0]), int(np.ravel(hunter.min_width_ar)[0])
    assert first <= centres[int(np.argmax(q0))] <= first + width


def test_compiled_fits_are_those_of_the_minimiser(peak):
    for events in (20000.0, 60.0):
        hypotheses = prepare([compile_workspace(peak(1, events, 20))])
        theta = hypotheses.background.theta
        data = draw(hypotheses.batch, hypotheses.data, theta, 200, np.random.default_rng(2))
        lower, upper = hypotheses.lower[0], hypotheses.upper[0]
        start = np.tile(theta, (200, 1))
        compiled = minimise_toys(hypotheses.batch, data, start, lower, upper, hypotheses.initial[0])
        bounds = (np.tile(bound, (200, 1)) for bound in (lower, upper))
        lanes = np.zeros(200, dtype=np.intp)
        plain = minimise(
            hypotheses.batch.take(lanes), data, start, *bounds, fallback=hypotheses.initial[lanes]
        )
        assert compiled.converged.all()
        assert plain.converged.all()
        np.testing.assert_allclose(compiled.value, plain.value, atol=1e-6)
        np.testing.assert_allclose(compiled.slope, plain.slope, atol=1e-3)

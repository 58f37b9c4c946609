"""Scans of two masses: signal over the plane, events expected and observed in its windows, excluded regions."""

import json
from typing import Any

import numpy as np
import pytest
from umbra.expectation.candidates import (
    FEWEST,
    SCALES,
    PlaneSearch,
    Points,
    expected_events,
    read_candidates,
    write_candidates,
)

from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.expectation import signal_plane
from umbra.expectation.ellipses import Ellipses
from umbra.expectation.signal_plane import PlaneModel
from umbra.inference import plane_data, plane_fitting, workspace
from umbra.results import plane_contours
from umbra.results.limits import LimitRow, read_limits
from umbra.stages.limit import limit_block, write_table

GENERATED = 10_000
POINTS = [(m, m2) for m in (3.0, 5.0, 7.0, 9.0) for m2 in (0.2, 0.6, 1.0)]
REACH = 2.0


def truth(mass: float, mass2: float) -> tuple[float, float, float, float]:
    """Efficiency, both resolutions and correlation."""
    return 0.2 + 0.02 * mass, 0.01 * mass, 0.3 - 0.02 * mass, -0.8 - 0.1 * mass2


def sample(tail: float = 0.0) -> dict[str, np.ndarray]:
    """Gaussian peaks; a part of the events has radiated, which moves the second variable far up."""
    rng = generator("plane", tail)
    columns: dict[str, list[np.ndarray]] = {}
    for number, (mass, mass2) in enumerate(POINTS):
        efficiency, sx, sy, rho = truth(mass, mass2)
        n = int(rng.binomial(GENERATED, efficiency))
        x, y = rng.multivariate_normal(
            [mass, mass2**2], [[sx**2, rho * sx * sy], [rho * sx * sy, sy**2]], n
        ).T
        y += np.where(rng.random(n) < tail, rng.exponential(5.0, n), 0.0)
        here = {
            "mass_dimuon_gev": x,
            "m2_recoil_gev2": y,
            "weight": np.ones(n),
            "event": np.arange(n) + number * GENERATED,
            "generated_mass_gev": np.full(n, mass),
            "generated_mass2_gev": np.full(n, mass2),
        }
        for name, values in here.items():
            columns.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def records() -> list[dict[str, float]]:
    return [
        {"mass_gev": m, "mass2_gev": m2, "weight": float(GENERATED), "cross_section_pb": 2.0, "born_pb": 2.0}
        for m, m2 in POINTS
    ]


def built(tail: float = 0.0) -> PlaneModel:
    return signal_plane.build(("mass_dimuon_gev", "m2_recoil_gev2"), REACH, sample(tail), records(), "test")


@pytest.fixture(scope="module")
def model() -> PlaneModel:
    return built()


@pytest.mark.parametrize("tail", [0.0, 0.3])
def test_resolution_of_the_core_comes_back_whatever_the_tail(tail: float):
    found = built(tail)
    for row, (mass, mass2) in enumerate(POINTS):
        _, sx, sy, rho = truth(mass, mass2)
        assert found.resolution[row] == pytest.approx(sx, rel=0.12)
        assert found.resolution2[row] == pytest.approx(sy, rel=0.12)
        assert found.correlation[row] == pytest.approx(rho, abs=0.05)


def test_efficiency_is_that_of_the_window_also_between_the_points(model: PlaneModel):
    share = 1.0 - np.exp(-0.5 * REACH**2)
    for mass, mass2 in [(4.0, 0.5), (6.2, 0.8), (8.9, 0.3)]:
        efficiency, error = model.efficiency_at(mass, mass2)
        assert efficiency == pytest.approx(truth(mass, mass2)[0] * share, rel=0.05)
        assert 0.01 < error < 0.05


def test_a_model_survives_json(model: PlaneModel):
    again = PlaneModel.from_json(json.loads(json.dumps(model.to_json())))
    assert again.efficiency_at(6.0, 0.5) == model.efficiency_at(6.0, 0.5)
    np.testing.assert_array_equal(
        again.windows([(6.0, 0.5)]).covariance, model.windows([(6.0, 0.5)]).covariance
    )


def test_windows_do_not_depend_on_the_company(model: PlaneModel):
    points = [(4.0 + 0.1 * i, 0.5) for i in range(20)]
    together = model.windows(points).covariance
    alone = [model.windows([point]).covariance[0] for point in points]
    np.testing.assert_array_equal(together, alone)


def test_hypotheses_outside_of_the_generated_points_are_not_covered(model: PlaneModel):
    assert model.covers(5.0, 0.5)
    assert model.covers(3.0, 0.2)
    assert not model.covers(5.0, 2.0)
    assert not model.covers(2.0, 0.5)


def test_too_few_candidates_are_refused():
    few = {name: column[:50] for name, column in sample().items()}
    with pytest.raises(UmbraError, match="test: only 0 generated points leave 100 candidates"):
        signal_plane.build(("mass_dimuon_gev", "m2_recoil_gev2"), REACH, few, records(), "test")


def uniform(n: int, weight: float) -> Points:
    rng = generator("uniform", n)
    return Points(rng.uniform(2.0, 10.0, n), rng.uniform(-2.0, 3.0, n), np.full(n, weight))


@pytest.mark.parametrize("n", [400_000, 20_000, 3_000])
def test_a_flat_background_is_area_times_density_however_few_are_simulated(n: int):
    window = Ellipses(np.array([[6.0, 0.5]]), np.array([[0.06**2, -0.9 * 0.06 * 0.2, 0.2**2]]), REACH)
    area = np.pi * REACH**2 * 0.06 * 0.2 * np.sqrt(1.0 - 0.9**2)
    true = 1000.0 * area / 40.0
    found = expected_events(uniform(n, 10.0 / n), window, 100.0)
    error = np.sqrt(found.variance[0])
    assert abs(found.events[0] - true) < 4.0 * error
    # With enough of them the window itself is counted, else an ellipse that holds enough, if there is one.
    expected = next((s for s in SCALES if n * area / 40.0 * s**2 > FEWEST), SCALES[-1])
    assert error / true == pytest.approx(1.0 / np.sqrt(n * area / 40.0 * expected**2), rel=0.35)


SETTINGS: dict[str, Any] = {
    "name": "plane",
    "machine": "superkekb",
    "machine_settings": {
        "electron_energy_gev": 7.004,
        "positron_energy_gev": 4.002,
        "crossing_angle_mrad": 83.0,
        "sqrt_s_spread_gev": 0.005,
    },
    "luminosity": {"luminosity_fb": 10.0, "relative_uncertainty": 0.01},
    "coupling": {"name": "epsilon2_alpha_d", "reference": 1e-6, "power": 1, "benchmarks": [1e-7]},
    "samples": {
        "signal": {"process": "aprime_higgs", "parameters": {"coupling": 1e-6}, "cuts": {}, "role": "signal"}
    },
    "regions": [{"name": "all", "signal": "signal", "backgrounds": ["flat"], "masses_gev": [0.0, 10.0]}],
    "models": [{"name": "main"}, {"name": "no_background", "background_scale": 0.0}],
    "systematics": {"signal_efficiency_relative": 0.05, "background_relative": 0.1},
    "masses": {"vetoed_gev": [[6.9, 7.1]]},
    "limit": {"method": "bayesian", "cl": 0.9, "calculation": "auto"},
    "data": {"kind": "asimov"},
}
GRID = [(m, m2) for m in (4.0, 4.5, 5.0, 5.5, 7.0, 9.5) for m2 in (0.3, 0.5, 0.7)]


@pytest.fixture(scope="module")
def search(model: PlaneModel) -> PlaneSearch:
    return PlaneSearch(SETTINGS, {"all": model}, {"all": {"flat": uniform(100_000, 1e-6)}})


def test_hypotheses_say_what_a_strength_means_and_why_there_is_none(search: PlaneSearch):
    made = plane_fitting.hypotheses(search, SETTINGS, None, GRID, SETTINGS["models"][0])
    assert [(h.mass_gev, h.mass2_gev) for h in made] == GRID
    assert [h.status for h in made] == ["converged"] * 12 + ["excluded_window"] * 3 + ["no_sensitivity"] * 3
    first = made[0]
    (region,) = SETTINGS["regions"]
    expected, _ = search.signal_yield(region, GRID[0], SETTINGS["models"][0])
    assert first.yield_per_mu / expected == pytest.approx(first.coupling_power_per_mu / 1e-6)
    # 7.4302e4 pb for eps^2 alpha_D = 1 at (4, 1) GeV: arXiv:0903.0363, checked in the tests of the process.
    assert search.born_pb(region, 4.0, 1.0) == pytest.approx(7.43e-2, rel=1e-2)


def test_blocks_do_not_change_numbers(search: PlaneSearch):
    together = plane_fitting.hypotheses(search, SETTINGS, None, GRID, SETTINGS["models"][0])
    alone = [plane_fitting.hypotheses(search, SETTINGS, None, [p], SETTINGS["models"][0])[0] for p in GRID]
    assert together == alone


def test_limits_of_a_block_reach_the_table_with_both_masses(search: PlaneSearch, tmp_path):
    fits, archive, limits = tmp_path / "fits.json", tmp_path / "block_000.zip", tmp_path / "limits.json"
    plane_fitting.fit_block(search, SETTINGS, None, GRID, fits, archive, {})
    assert set(workspace.read_archive(archive)) == {
        workspace.member(model, point[0], None, point[1])
        for model in ("main", "no_background")
        for point in GRID[:12]
    }
    limit_block(fits, archive, SETTINGS, limits, {})
    missing = write_table([limits], SETTINGS, tmp_path / "limits.csv")
    assert len(missing) == 12
    rows = read_limits(tmp_path / "limits.csv")
    assert {(row.mass_gev, row.mass2_gev) for row in rows} == set(GRID)
    empty = [
        r for r in rows if r.model == "no_background" and r.quantity == "yield" and r.expected is not None
    ]
    # Nothing expected, nothing seen: -ln(0.1) events, a little more with an uncertain efficiency.
    assert all(2.3026 <= row.expected < 2.35 for row in empty)


def test_data_are_counted_in_the_windows(search: PlaneSearch, tmp_path):
    injection = {"mass_gev": 5.0, "mass2_gev": 0.5, "coupling": 1e-6}
    data = plane_data.make(search, {"kind": "asimov", "inject": injection})
    plane_data.write(tmp_path / "data.root", data)
    read = plane_data.read(tmp_path / "data.root")
    here, beside = (
        plane_fitting.hypotheses(search, SETTINGS, read, [p], SETTINGS["models"][0])[0]
        for p in [(5.0, 0.5), (7.5, 0.5)]
    )
    expected, _ = search.signal_yield(SETTINGS["regions"][0], (5.0, 0.5), SETTINGS["models"][0])
    for hypothesis, signal in ((here, expected), (beside, 0.0)):
        observed = hypothesis.workspace["observations"][0]["data"][0]
        assert observed == pytest.approx(hypothesis.expected_background + signal, rel=1e-6)


def test_toys_fluctuate_and_files_are_read(search: PlaneSearch, tmp_path):
    toy = plane_data.make(search, {"kind": "toy", "seed": 1})["all"]
    mean = 100_000 * 1e-6 * search.luminosity_pb()
    assert abs(len(toy.x) - mean) < 4.0 * np.sqrt(mean)
    file = tmp_path / "events.csv"
    lines = [
        "region,value,value2",
        *(f"all,{x!r},{y!r}" for x, y in zip(toy.x.tolist(), toy.y.tolist(), strict=True)),
    ]
    file.write_text("\n".join(lines))
    np.testing.assert_array_equal(plane_data.make(search, {"kind": "file", "file": file})["all"].x, toy.x)
    file.write_text("region,value,value2\nall,1.0,much\n")
    with pytest.raises(UmbraError, match=r"line 2: .*much"):
        plane_data.from_file(file, search)


def test_an_injection_needs_both_masses_within_the_plane(search: PlaneSearch):
    for inject, message in (
        ({"mass_gev": 5.0, "coupling": 1e-6}, "needs mass2_gev"),
        (
            {"mass_gev": 5.0, "mass2_gev": 4.0, "coupling": 1e-6},
            r"no signal is simulated at \(5.0, 4.0\) GeV",
        ),
    ):
        with pytest.raises(UmbraError, match=message):
            plane_data.make(search, {"kind": "asimov", "inject": inject})


def test_candidates_survive_their_file(search: PlaneSearch, tmp_path):
    write_candidates(tmp_path / "t.root", search.candidates)
    again = read_candidates(tmp_path / "t.root", {"all": ["flat"]})
    np.testing.assert_array_equal(again["all"]["flat"].y, search.candidates["all"]["flat"].y)
    with pytest.raises(UmbraError, match="not a readable file of candidates"):
        read_candidates(tmp_path / "t.root", {"all": ["other"]})


def limit_row(mass: float, mass2: float, limit: float | None) -> LimitRow:
    names = ("expected_minus2", "expected_minus1", "expected", "expected_plus1", "expected_plus2")
    return LimitRow(
        mass_gev=mass,
        mass2_gev=mass2,
        quantity="epsilon2_alpha_d",
        method="" if limit is None else "m",
        status="converged" if limit else "no_sensitivity",
        **dict.fromkeys(names, limit),
    )


def test_the_region_that_a_coupling_excludes_is_a_circle_where_limits_are_a_cone():
    masses = np.linspace(0.0, 10.0, 101)
    distance = {(x, y): np.hypot(x - 5.0, y - 5.0) for x in masses for y in masses}
    rows = [limit_row(x, y, float(np.exp(d))) for (x, y), d in distance.items()]
    coupling = {"name": "epsilon2_alpha_d", "benchmarks": [float(np.exp(3.0)), 0.5]}
    (circle,) = plane_contours.excluded_regions(rows, coupling)
    assert (circle.level, circle.quantity) == ("expected", "mass2_gev")
    radius = np.hypot(np.array(circle.mass_gev) - 5.0, np.array(circle.value) - 5.0)
    np.testing.assert_allclose(radius, 3.0, atol=0.01)
    # Around a point without a limit there is a hole.
    rows = [
        limit_row(r.mass_gev, r.mass2_gev, None) if (r.mass_gev, r.mass2_gev) == (5.0, 5.0) else r
        for r in rows
    ]
    assert len(plane_contours.excluded_regions(rows, coupling)) == 2

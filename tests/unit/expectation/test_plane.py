"""Scans of two masses: signal over the plane, events expected and observed in its windows, excluded regions."""

import json

import numpy as np
import pytest

from channels import changed, simulated, synthetic_channel
from samples import made
from umbra.config.interpretations import Holds
from umbra.config.records import (
    Asimov,
    Category,
    Coupling,
    EllipseFit,
    FileData,
    Injection,
    Interpretation,
    Limit,
    Luminosity,
    Masses,
    SecondMass,
    Systematics,
    ToyData,
)
from umbra.core.errors import UmbraError
from umbra.core.machines import Machine
from umbra.core.seeds import generator
from umbra.expectation import signal_plane, unbinned
from umbra.expectation.ellipses import Ellipses
from umbra.expectation.point import Point
from umbra.expectation.signal_plane import PlaneSignal
from umbra.expectation.unbinned import FEWEST, SCALES, Candidates, UnbinnedExpectation, expected_events
from umbra.generation.generated import Generated
from umbra.inference import unbinned_data, workspace
from umbra.inference.block import fit_block
from umbra.inference.hypothesis import Hypothesis, read_limits
from umbra.inference.methods import registry as methods
from umbra.results import plane_contours
from umbra.results.limits import LimitRow
from umbra.results.table import rows_of
from umbra.stages.limit import limit_block

GENERATED = 10_000
POINTS = [(m, m2) for m in (3.0, 5.0, 7.0, 9.0) for m2 in (0.2, 0.6, 1.0)]
REACH = 2.0
SECOND = SecondMass(segments=(), ratio=(None, 1.0), largest_sum_gev=12.0)


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


def records() -> list[Generated]:
    return [made(mass_gev=m, mass2_gev=m2, weight=float(GENERATED)) for m, m2 in POINTS]


def built(tail: float = 0.0) -> PlaneSignal:
    return signal_plane.build(("mass_dimuon_gev", "m2_recoil_gev2"), REACH, sample(tail), records(), "test")


@pytest.fixture(scope="module")
def model() -> PlaneSignal:
    return built()


@pytest.mark.parametrize("tail", [0.0, 0.3])
def test_resolution_of_the_core_comes_back_whatever_the_tail(tail: float):
    found = built(tail)
    for row, (mass, mass2) in enumerate(POINTS):
        _, sx, sy, rho = truth(mass, mass2)
        assert found.resolution[row] == pytest.approx(sx, rel=0.12)
        assert found.resolution2[row] == pytest.approx(sy, rel=0.12)
        assert found.correlation[row] == pytest.approx(rho, abs=0.05)


def test_efficiency_is_that_of_the_window_also_between_the_points(model: PlaneSignal):
    share = 1.0 - np.exp(-0.5 * REACH**2)
    for mass, mass2 in [(4.0, 0.5), (6.2, 0.8), (8.9, 0.3)]:
        efficiency, error = model.visible(Point(mass, mass2))
        assert efficiency == pytest.approx(truth(mass, mass2)[0] * share, rel=0.05)
        assert 0.01 < error < 0.05


def test_a_model_survives_json(model: PlaneSignal):
    again = PlaneSignal.from_json(json.loads(json.dumps(model.to_json())))
    assert again.visible(Point(6.0, 0.5)) == model.visible(Point(6.0, 0.5))
    np.testing.assert_array_equal(
        again.windows([Point(6.0, 0.5)]).covariance, model.windows([Point(6.0, 0.5)]).covariance
    )


def test_windows_do_not_depend_on_the_company(model: PlaneSignal):
    points = [Point(4.0 + 0.1 * i, 0.5) for i in range(20)]
    together = model.windows(points).covariance
    alone = [model.windows([point]).covariance[0] for point in points]
    np.testing.assert_array_equal(together, alone)


def test_hypotheses_outside_of_the_generated_points_are_not_covered(model: PlaneSignal):
    assert model.covers(Point(5.0, 0.5))
    assert model.covers(Point(3.0, 0.2))
    assert not model.covers(Point(5.0, 2.0))
    assert not model.covers(Point(2.0, 0.5))


def test_too_few_candidates_are_refused():
    few = {name: column[:50] for name, column in sample().items()}
    with pytest.raises(UmbraError, match="test: only 0 generated points leave 100 candidates"):
        signal_plane.build(("mass_dimuon_gev", "m2_recoil_gev2"), REACH, few, records(), "test")


def uniform(n: int, weight: float) -> Candidates:
    rng = generator("uniform", n)
    return Candidates(rng.uniform(2.0, 10.0, n), rng.uniform(-2.0, 3.0, n), np.full(n, weight))


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


CATEGORY = Category(
    name="all",
    signal="signal",
    backgrounds=("flat",),
    variable="mass_dimuon_gev",
    variable2="m2_recoil_gev2",
    hypotheses_gev=(0.0, 10.0),
)
COUPLING = Coupling(
    name="epsilon2_alpha_d", reference=1e-6, power=1, convention="", y_label="", benchmarks=(1e-7,)
)
MAIN = Interpretation(name="main", label="main", coupling=COUPLING)
NO_BACKGROUND = MAIN.model_copy(update={"name": "no_background", "background_scale": 0.0})
GRID = [Point(m, m2) for m in (4.0, 4.5, 5.0, 5.5, 7.0, 9.5) for m2 in (0.3, 0.5, 0.7)]


@pytest.fixture(scope="module")
def search(model: PlaneSignal) -> UnbinnedExpectation:
    generator = {"parameters": {"coupling": 1e-6}}
    machine = Machine("superkekb", 7.004, 4.002, 83.0)
    signal = simulated("signal", "signal", "aprime_higgs", machine=machine, generator=generator)
    channel = synthetic_channel(
        name="plane",
        machine=machine,
        luminosity=Luminosity(luminosity_fb=10.0, relative_uncertainty=0.01),
        samples={"signal": signal, "flat": simulated("flat")},
        categories=(CATEGORY,),
        interpretations=(MAIN, NO_BACKGROUND),
        systematics=Systematics(signal_efficiency_relative=0.05, background_relative=0.1),
        masses=Masses(segments=(), second=SECOND, block_points=10, vetoed_gev=((6.9, 7.1),)),
        limit=Limit(method="bayesian", level=0.9),
        fit=EllipseFit(half_axes_sigma=REACH),
    )
    return UnbinnedExpectation(channel, {"all": {"signal": model}}, {"all": {"flat": uniform(100_000, 1e-6)}})


def hypotheses(search: UnbinnedExpectation, points: list[Point], data=None) -> list[Hypothesis]:
    return methods.find(search.channel.fit).hypotheses(search, data, points, MAIN)


def test_hypotheses_say_what_a_strength_means_and_why_there_is_none(search: UnbinnedExpectation):
    made = hypotheses(search, GRID)
    assert [h.point for h in made] == GRID
    assert [h.status for h in made] == ["converged"] * 12 + ["excluded_window"] * 3 + ["no_sensitivity"] * 3
    first = made[0]
    expected, _ = search.signal_yield(CATEGORY, GRID[0], MAIN)
    assert first.yield_per_mu / expected == pytest.approx(first.coupling_power_per_mu / 1e-6)
    # 7.4302e4 pb for eps^2 alpha_D = 1 at (4, 1) GeV: arXiv:0903.0363, checked in the tests of the process.
    assert search.born_pb(CATEGORY, Point(4.0, 1.0)) == pytest.approx(7.43e-2, rel=1e-2)


def test_data_sets_are_counts_of_their_own_in_one_likelihood(search: UnbinnedExpectation):
    """A quarter of the luminosity at another machine; categories of one machine are one count."""
    model, flat = search.signals["all"]["signal"], search.candidates["all"]["flat"]
    other = Machine("elsewhere", 7.004, 4.002, 83.0)
    parts = {"on": (7.5, search.channel.machine), "off": (2.5, other), "more": (2.5, other)}
    samples, categories, signals, candidates = {}, [], {}, {}
    for name, (luminosity_fb, machine) in parts.items():
        moved = search.channel.samples["signal"].model_copy(
            update={"name": f"signal_{name}", "machine": machine}
        )
        samples |= {f"signal_{name}": moved, f"flat_{name}": simulated(f"flat_{name}", machine=machine)}
        changes = {"name": name, "signal": f"signal_{name}", "backgrounds": (f"flat_{name}",)}
        categories.append(CATEGORY.model_copy(update={**changes, "luminosity_fb": luminosity_fb}))
        signals[name], candidates[name] = {f"signal_{name}": model}, {f"flat_{name}": flat}
    channel = search.channel.model_copy(update={"samples": samples, "categories": tuple(categories)})
    several = UnbinnedExpectation(channel, signals, candidates)
    (made,), (alone,) = hypotheses(several, GRID[:1]), hypotheses(search, GRID[:1])
    bins = made.workspace["channels"]
    assert [each["name"] for each in bins] == ["on", "off"]
    counts = [{s["name"]: s["data"][0] for s in each["samples"]} for each in bins]
    assert counts[0]["signal"] / counts[1]["signal"] == pytest.approx(7.5 / 5.0)
    assert counts[0]["signal"] + counts[1]["signal"] == pytest.approx(made.yield_per_mu)
    assert counts[0]["flat_on"] / counts[1]["flat_off"] == pytest.approx(3.0)
    assert made.expected_background == pytest.approx(1.25 * alone.expected_background)
    few = changed(several, channel={"fit": EllipseFit(half_axes_sigma=REACH, count_below=1e9)})
    (one,) = hypotheses(few, GRID[:1])
    assert [each["name"] for each in one.workspace["channels"]] == ["window"]
    names = [each["name"] for each in one.workspace["channels"][0]["samples"]]
    assert names == ["signal", "flat_on", "flat_off", "flat_more"]
    assert (one.expected_background, one.yield_per_mu) == (made.expected_background, made.yield_per_mu)
    per_event = [each.production_per_mu / each.yield_per_mu for each in (made, alone)]
    assert per_event[0] == pytest.approx(per_event[1] / 1.25)
    with_data = {name: Candidates(flat.x, flat.y, flat.weight) for name in parts}
    (seen,) = hypotheses(several, GRID[:1], with_data)
    on, off = (each["data"][0] for each in seen.workspace["observations"])
    assert off == pytest.approx(2.0 * on)


def test_blocks_do_not_change_numbers(search: UnbinnedExpectation):
    assert hypotheses(search, GRID) == [hypotheses(search, [point])[0] for point in GRID]


def test_limits_of_a_block_reach_the_table_with_both_masses(search: UnbinnedExpectation, tmp_path):
    fits, archive, limits = tmp_path / "fits.json", tmp_path / "block_000.zip", tmp_path / "limits.json"
    fit_block(methods.find(search.channel.fit), search, None, GRID, fits, archive, {})
    assert set(workspace.read_archive(archive)) == {
        workspace.member(name, point) for name in ("main", "no_background") for point in GRID[:12]
    }
    limit_block(search.channel, fits, archive, limits, {})
    points = read_limits(limits)
    assert len([each for each in points if each.status != "converged"]) == 12
    rows = rows_of(search.channel, points)
    assert {(row.mass_gev, row.mass2_gev) for row in rows} == {(p.mass_gev, p.mass2_gev) for p in GRID}
    empty = [
        r for r in rows if r.model == "no_background" and r.quantity == "yield" and r.expected is not None
    ]
    assert len(empty) == 12
    # Nothing expected, nothing seen: -ln(0.1) events, a little more with an uncertain efficiency.
    assert all(2.3026 <= row.expected < 2.35 for row in empty)


def test_a_coupling_has_limits_where_it_means_something_only(search: UnbinnedExpectation):
    bound = MAIN.model_copy(
        update={"coupling": COUPLING.model_copy(update={"holds": Holds(ratio=(None, 0.1))})}
    )
    here, beside = methods.find(search.channel.fit).hypotheses(
        search, None, [Point(7.5, 0.5), Point(4.0, 0.5)], bound
    )
    everywhere = hypotheses(search, [Point(7.5, 0.5), Point(4.0, 0.5)])
    assert here.coupling_power_per_mu == everywhere[0].coupling_power_per_mu
    assert everywhere[1].coupling_power_per_mu is not None
    assert beside.coupling_power_per_mu is None
    # Nor has a point that is refused a coupling there, and the limit on the rate stays.
    outside = methods.find(search.channel.fit).hypotheses(search, None, [Point(7.0, 0.9)], bound)[0]
    assert (outside.status, outside.coupling_power_per_mu) == ("excluded_window", None)
    assert beside.production_per_mu == everywhere[1].production_per_mu > 0.0


def test_data_are_counted_in_the_windows(search: UnbinnedExpectation, tmp_path):
    inject = Injection(mass_gev=5.0, mass2_gev=0.5, coupling=1e-6)
    data = methods.find(search.channel.fit).make_data(search, Asimov(inject=inject))
    unbinned_data.write(tmp_path / "data.root", data)
    read = unbinned_data.read(tmp_path / "data.root")
    here, beside = hypotheses(search, [Point(5.0, 0.5), Point(7.5, 0.5)], read)
    expected, _ = search.signal_yield(CATEGORY, Point(5.0, 0.5), MAIN)
    for hypothesis, signal in ((here, expected), (beside, 0.0)):
        observed = hypothesis.workspace["observations"][0]["data"][0]
        assert observed == pytest.approx(hypothesis.expected_background + signal, rel=1e-6)


def test_toys_fluctuate_and_files_are_read(search: UnbinnedExpectation, tmp_path):
    method = methods.find(search.channel.fit)
    toy = method.make_data(search, ToyData(seed=1))["all"]
    mean = 100_000 * 1e-6 * search.luminosity_pb(CATEGORY)
    assert abs(len(toy.x) - mean) < 4.0 * np.sqrt(mean)
    file = tmp_path / "events.csv"
    lines = [
        "region,value,value2",
        *(f"all,{x!r},{y!r}" for x, y in zip(toy.x.tolist(), toy.y.tolist(), strict=True)),
    ]
    file.write_text("\n".join(lines))
    np.testing.assert_array_equal(method.make_data(search, FileData(file=str(file)))["all"].x, toy.x)
    file.write_text("region,value,value2\nall,1.0,much\n")
    with pytest.raises(UmbraError, match=r"line 2: .*much"):
        method.make_data(search, FileData(file=str(file)))


def test_an_injection_needs_both_masses_within_the_plane(search: UnbinnedExpectation):
    for inject, message in (
        (Injection(mass_gev=5.0, coupling=1e-6), "mass2_gev is needed in a scan of two masses"),
        (
            Injection(mass_gev=5.0, mass2_gev=4.0, coupling=1e-6),
            "no category has a simulated signal at 5 and 4 GeV",
        ),
    ):
        with pytest.raises(UmbraError, match=message):
            methods.find(search.channel.fit).make_data(search, Asimov(inject=inject))


def test_candidates_survive_their_file(search: UnbinnedExpectation, tmp_path):
    unbinned.write(tmp_path / "t.root", search.candidates)
    again = unbinned.read(tmp_path / "t.root", {"all": ["flat"]})
    np.testing.assert_array_equal(again["all"]["flat"].y, search.candidates["all"]["flat"].y)
    with pytest.raises(UmbraError, match="not a readable file of candidates"):
        unbinned.read(tmp_path / "t.root", {"all": ["other"]})


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
    coupling = COUPLING.model_copy(update={"benchmarks": (float(np.exp(3.0)), 0.5)})
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

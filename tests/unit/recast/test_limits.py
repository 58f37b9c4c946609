"""A channel fitted again with the signal of another model, beside rescaling and beside fits of its own."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from channels import (
    BETA_GAMMA,
    COUPLING,
    LIFETIMES,
    category,
    changed,
    flying,
    reading,
    records,
    simulated,
    synthetic,
)
from umbra.config import model_file
from umbra.config.folders import Folders
from umbra.config.plane_axes import Plane, parsed
from umbra.config.records import Branching, Channel, CountingFit, Island, Limit
from umbra.core.errors import UmbraError
from umbra.core.io import read_json, write_json
from umbra.core.paths import shipped_config
from umbra.expectation import background, signal
from umbra.expectation.binned import BinnedExpectation
from umbra.generation.settings import GeneratorSettings
from umbra.inference.block import fit_block, points_of
from umbra.inference.hypothesis import read_limits
from umbra.inference.methods import registry as methods
from umbra.plotting.recast_plane import plot_plane
from umbra.recast import files
from umbra.recast.applicability import applicable
from umbra.recast.limits import RecastRow, recast
from umbra.recast.own_model import OwnModel, build
from umbra.recast.plane import Rates, rates, scan
from umbra.results import islands
from umbra.results.limits import VALUES
from umbra.stages.limit import limit_block

MASSES = [1.0, 2.5, 4.0]
EXPECTED = VALUES.index("expected")
#: Two final states in the same search, the second with a tenth of the background.
STATES = {"ee": "dark_photon_to_ee", "mumu": "dark_photon_to_mumu"}


def search(states: tuple[str, ...] = ("ee", "mumu"), reference: float = 1.0) -> BinnedExpectation:
    plain = synthetic()
    signal, background = plain.signals["peak"]["x"], plain.templates["peak"]["qed"]
    smaller = replace(
        background,
        **{name: 0.1 * getattr(background, name) for name in ("visible_pb", "variance_pb2", "smooth_pb")},
    )
    samples = {
        name: simulated(name, "signal", "gamma_aprime", generator=GeneratorSettings(decay=STATES[name]))
        for name in states
    }
    categories = tuple(
        category(name=name, signal=name, branching=Branching(particle="dark_photon", final_state=name))
        for name in states
    )
    return changed(
        plain,
        channel={
            "samples": {**samples, "qed": simulated("qed")},
            "categories": categories,
            "interpretations": (reading(coupling=COUPLING.model_copy(update={"reference": reference})),),
        },
        signals={name: {name: signal} for name in states},
        templates={name: {"qed": background if name == "ee" else smaller} for name in states},
    )


def run(expectation: BinnedExpectation, folder: Path, masses: Sequence[float] = MASSES) -> Channel:
    """Fits, workspaces and limits of a channel, where a run leaves them."""
    channel = expectation.channel
    for name in ("fits", "workspaces", "limits"):
        (folder / name).mkdir(parents=True)
    fits, archive = folder / "fits" / "block_000.json", folder / "workspaces" / "block_000.zip"
    points = points_of(channel, list(masses))
    fit_block(methods.find(channel.fit), expectation, None, points, fits, archive, {})
    limit_block(channel, fits, archive, folder / "limits" / "block_000.json", {})
    return channel


def own(folder: Path, charges: str) -> OwnModel:
    path = folder / "mine.yaml"
    path.write_text(
        'title: mine\nsource: "made up for tests"\ncoupling: {name: g, title: g, convention: L}\n'
        f"couples: {{spin: vector, charges: {{{charges}}}}}\n"
    )
    return build(model_file.load(path))


def shipped(name: str) -> OwnModel:
    return build(model_file.load(Folders((shipped_config(),)).find("models", name)))


@pytest.fixture(scope="module", name="done")
def _done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Channel, Path]:
    folder = tmp_path_factory.mktemp("both")
    return run(search(), folder), folder


def rows(done: tuple[Channel, Path], model: OwnModel) -> list[RecastRow]:
    channel, folder = done
    return list(recast(channel, applicable(channel, model), model, folder).rows)


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_the_dark_photon_of_a_file_is_the_one_of_the_channel(done):
    for row in rows(done, shipped("dark_photon")):
        assert row.status == "converged"
        assert row.values[1:] == pytest.approx(row.rescaled[1:], rel=1e-9)


def test_b_minus_l_is_the_rescaling_where_leptons_are_alike(done):
    """Electrons and muons have the same share of each other in both models: only the rate is another."""
    dark_photon, b_minus_l = shipped("dark_photon"), shipped("b_minus_l")
    before = {row.mass_gev: row for row in rows(done, dark_photon)}
    for row in rows(done, b_minus_l):
        assert row.values[EXPECTED] == pytest.approx(row.rescaled[EXPECTED], rel=0.01)
        fractions = [each.branching_fraction(row.mass_gev, "ee") for each in (dark_photon, b_minus_l)]
        by_hand = before[row.mass_gev].values[EXPECTED] * 0.302822 * (fractions[0] / fractions[1]) ** 0.5
        assert row.values[EXPECTED] == pytest.approx(by_hand, rel=0.01)


def test_a_vector_without_muons_is_limited_by_electrons_alone(done, tmp_path: Path):
    """The fit knows that muons show nothing of it; rescaling cannot."""
    model = own(tmp_path, "electron: 1.0")
    alone = rows((run(search(("ee",)), tmp_path / "ee"), tmp_path / "ee"), model)
    for both, one in zip(rows(done, model), alone, strict=True):
        assert both.values[EXPECTED] == pytest.approx(one.values[EXPECTED], rel=1e-3)
        assert both.rescaled[EXPECTED] < 0.9 * both.values[EXPECTED]


def test_a_model_that_is_not_asked_at_a_mass_has_no_number_there(done, tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        'title: mine\nsource: "made up for tests"\ncoupling: {name: g, title: g, convention: L}\n'
        "couples: {spin: vector, charges: {electron: 1.0, muon: 1.0}}\nvalid_gev: [2.0, 3.0]\n"
    )
    found = rows(done, build(model_file.load(path)))
    assert [row.status for row in found] == ["not_in_model", "converged", "not_in_model"]
    assert found[0].values == (None,) * 6


def test_a_limit_where_decays_would_not_be_prompt_says_so(tmp_path: Path):
    """A thousandth of the coupling for the same cross-section: the particle flies a million times as far."""
    found = rows((run(search(reference=1e-3), tmp_path), tmp_path), shipped("dark_photon"))
    assert [found[0].status, found[-1].status] == ["not_prompt", "converged"]
    assert "prompt decays were selected" in found[0].reason
    assert found[0].ctau_mm == pytest.approx(shipped("dark_photon").ctau_mm(1.0, found[0].values[EXPECTED]))


def test_regions_of_the_channels_own_particle_come_back(tmp_path: Path):
    """Also where a mass in the middle has no limit, which parts them."""
    model = signal.build("mass_gev", flying(), records(list(BETA_GAMMA)), "test", lifetimes_mm=LIFETIMES)
    nothing = background.nothing(background.axis(model, (1.0, 3.0), None))
    island = Island(particle="leptophilic_scalar", final_state="mumu", masses_gev=(1.0, 3.0))
    expectation = changed(
        synthetic(
            fit=CountingFit(half_window_sigma=5.0),
            lifetimes_mm=LIFETIMES,
            categories=(category(backgrounds=(), hypotheses_gev=(1.0, 3.0)),),
            limit=Limit(method="bayesian", level=0.95),
            interpretations=(reading(coupling=COUPLING.model_copy(update={"name": "xi"}), island=island),),
            samples={
                "x": simulated(
                    "x", "signal", "tautau_scalar", generator=GeneratorSettings(decay="tautau_scalar_to_mumu")
                )
            },
        ),
        signals={"peak": {"x": model}},
        templates={"peak": nothing},
    )
    channel = run(expectation, tmp_path, [1.0, 1.5, 2.0, 2.5, 3.0])
    for name in ("fits", "limits"):
        path = tmp_path / name / "block_000.json"
        content = read_json(path)
        for point in content["points"]:
            if point["mass_gev"] == 1.5:
                point["status"] = "fit_failed"
        write_json(path, content)
    own = islands.of_channel(channel, read_limits(tmp_path / "limits" / "block_000.json"))
    found = recast(
        channel, applicable(channel, shipped("leptophilic_scalar")), shipped("leptophilic_scalar"), tmp_path
    )
    assert len(own) > 5
    assert len(found.regions) == len(own)
    for (_, region), before in zip(found.regions, own, strict=True):
        assert region.level == before.level
        assert region.mass_gev == pytest.approx(before.mass_gev)
        assert region.value == pytest.approx(before.value)


def test_a_table_of_decays_takes_the_place_of_calculated_ones(done, tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        'title: mine\nsource: "made up for tests"\ncoupling: {name: g, title: g, convention: L}\n'
        "couples: {spin: vector, times: elementary_charge, charges: {electron: -1}}\n"
        "decays: {mass_gev: [0.5, 5.0], width_gev: [0.01, 0.01], fractions: {ee: [0.1, 0.1], mumu: [0.1, 0.1]}}\n"
    )
    dark_photon = shipped("dark_photon")
    before = rows(done, dark_photon)
    for row, own_row in zip(rows(done, build(model_file.load(path))), before, strict=True):
        fraction = dark_photon.branching_fraction(row.mass_gev, "ee")
        by_hand = own_row.values[EXPECTED] * (fraction / 0.1) ** 0.5
        assert row.values[EXPECTED] == pytest.approx(by_hand, rel=0.01)


def test_the_tables_hold_both_limits(done, tmp_path: Path):
    channel, _ = done
    model = shipped("b_minus_l")
    found = rows(done, model)
    files.write_limits(tmp_path / "limits.csv", "g_bl", found)
    files.write_channels(tmp_path / "channels.csv", [applicable(channel, model)])
    written = lines(tmp_path / "limits.csv")
    assert [float(line["expected"]) for line in written] == [row.values[EXPECTED] for row in found]
    assert [float(line["rescaled_expected"]) for line in written] == [row.rescaled[EXPECTED] for row in found]
    assert lines(tmp_path / "channels.csv")[0]["verdict"] == "applies"


def plane(y: str, **at: float) -> Plane:
    return parsed([f"mass_gev:{MASSES[0]}:{MASSES[-1]}:3:linear", y], [f"{k}={v}" for k, v in at.items()])


def limits_of(done: tuple[Channel, Path], model: OwnModel) -> Rates:
    channel, folder = done
    (folder / "limits.csv").touch()
    found = rates(channel, [model], folder)
    assert isinstance(found, Rates)
    return found


@pytest.mark.parametrize(
    "charges",
    ["electron: -1, muon: -1", "electron: -1, tau: 2, electron_neutrino: 1", "electron: 0.3, muon: 2, up: 1"],
)
@pytest.mark.parametrize("dark", ["", "dark_matter: {mass_ratio: 0.3, coupling: 0.001}"])
def test_a_plane_is_at_its_edge_where_the_rescaled_limit_is(done, tmp_path: Path, charges: str, dark: str):
    model = own(tmp_path, charges)
    if dark:
        path = tmp_path / "mine.yaml"
        path.write_text(path.read_text() + dark + "\n")
        model = build(model_file.load(path))
    compared = 0
    for row in rows(done, model):
        rescaled = row.rescaled[EXPECTED]
        if rescaled is None or row.status in ("not_prompt", "broad"):
            continue
        axis = f"coupling:{rescaled!r}:{2.0 * rescaled!r}:2"
        found = scan(model.file, plane(axis), [limits_of(done, model)])
        at = [i for i, mass in enumerate(MASSES) if mass == row.mass_gev]
        assert found.strengths["expected"]["synthetic"][0, at] == pytest.approx(1.0, rel=1e-9)
        compared += 1
    assert compared == len(MASSES)


def test_an_axis_of_a_plane_is_a_number_of_the_file(done, tmp_path: Path):
    """Charge by charge what a file with that charge has, whichever of the axes it stands on."""
    model = own(tmp_path, "electron: 0.0, muon: 1, tau: 1")
    given = limits_of(done, own(tmp_path, "electron: 1, muon: 1, tau: 1"))
    across = plane("couples/charges/electron:-1:1:5:linear", coupling=1e-3)
    found = scan(model.file, across, [given]).strengths["expected"]["synthetic"]
    assert found.shape == (5, 3)
    assert np.isnan(found[2]).all()  # nothing makes the particle
    alone = scan(
        own(tmp_path, "electron: 0.5, muon: 1, tau: 1").file, plane("coupling:1e-3:1e-2:2"), [given]
    ).strengths["expected"]["synthetic"]
    assert found[1] == pytest.approx(alone[0], rel=1e-12)
    assert found[1] == pytest.approx(found[3], rel=1e-12)
    turned = Plane(x=across.y, y=across.x, at=across.at)
    assert scan(model.file, turned, [given]).strengths["expected"]["synthetic"] == pytest.approx(
        found.T, nan_ok=True
    )
    both = parsed(
        ["couples/charges/muon:0.5:1:2", "couples/charges/electron:0.5:1:2"],
        ["coupling=1e-3", f"mass_gev={MASSES[1]}"],
    )
    corner = scan(model.file, both, [given]).strengths["expected"]["synthetic"]
    assert corner[0, 1] == pytest.approx(alone[0, 1], rel=1e-12)


def test_between_masses_the_logarithm_is_straight_and_beyond_them_nothing_is_said(done):
    given = limits_of(done, shipped("b_minus_l"))
    name = next(iter(given.processes))
    known = given.per_limit["expected"][name]
    middle = 0.5 * (MASSES[0] + MASSES[1])
    found = given.at("expected", name, np.array([MASSES[0], middle, MASSES[1], MASSES[2] + 0.1, 0.5]))
    assert found[[0, 2]] == pytest.approx(known[:2], rel=1e-12)
    assert found[1] == pytest.approx((known[0] * known[1]) ** 0.5, rel=1e-12)
    assert np.isnan(found[3:]).all()
    vetoed = given.channel.masses.model_copy(update={"vetoed_gev": ((1.5, 1.7),)})
    parted = replace(
        given, channel=given.channel.model_copy(update={"masses": vetoed}), parted=np.array([True, False])
    )
    assert np.isnan(parted.at("expected", name, np.array([1.2, 1.6, 2.0]))).all()
    assert np.isfinite(parted.at("expected", name, np.array([MASSES[0], MASSES[1], 3.0]))).all()
    assert np.isnan(given.at("observed", name, np.array(MASSES))).all()


def test_a_plane_excludes_nothing_where_the_particle_flies(done):
    model = shipped("dark_photon")
    found = scan(model.file, plane("coupling:1e-9:1e-3:2"), [limits_of(done, model)])
    strengths = found.strengths["expected"]["synthetic"]
    assert np.isnan(strengths[0]).all()
    assert np.isfinite(strengths[1]).all()
    strongest, which = found.strongest("expected")
    assert (strongest[0] == 0.0).all()
    assert (which[0] == -1).all()
    assert (which[1] == 0).all()


def test_a_plane_is_drawn_and_written(done, tmp_path: Path):
    model = shipped("b_minus_l")
    found = scan(model.file, plane("coupling:1e-5:1:20"), [limits_of(done, model)])
    plot_plane(tmp_path / "plane", model.file, found, {"synthetic": "none: e⁺e⁻"})
    written = lines(tmp_path / "plane.csv")
    assert len(written) == 60
    assert {row["expected_channel"] for row in written} == {"synthetic", ""}
    assert {row["observed_channel"] for row in written} == {""}
    assert (tmp_path / "plane.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("axes", "at", "words"),
    [
        (["mass_gev:1:2", "coupling:1"], [], "an axis is written PARAMETER:LOW:HIGH"),
        (["mass_gev:1:2", "coupling:1:x"], [], "'x' is not a number"),
        (["mass_gev:2:1", "coupling:1:2"], [], "x/high: 1 is not above 2"),
        (
            ["mass_gev:1:2", "couples/charges/muon:-1:1"],
            ["coupling=1"],
            "-1 has no place on a logarithmic axis",
        ),
        (["mass_gev:1:2", "couples/charges/muon:0.1:1"], [], "at: coupling is no axis and has no value"),
        (["mass_gev:1:2", "mass_gev:1:2"], ["coupling=1"], "'mass_gev' is the other axis"),
        (["mass_gev:1:2", "coupling:1:2"], ["coupling=1"], "at: 'coupling' is an axis"),
    ],
)
def test_what_is_no_plane(axes: list[str], at: list[str], words: str):
    with pytest.raises(UmbraError) as caught:
        parsed(axes, at)
    assert words in str(caught.value)


def test_an_axis_must_be_in_the_file(done):
    model = shipped("b_minus_l")
    with pytest.raises(UmbraError, match="the model's file has no number at 'couples/charges/electrom'"):
        scan(model.file, plane("couples/charges/electrom:0.1:1:3", coupling=1e-3), [limits_of(done, model)])

"""A joint fit of synthetic channels, from their expectations to tables, page and figure."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from channels import COUPLING, LUMINOSITY_FB, category, changed, reading, simulated, synthetic
from umbra.config import model_file
from umbra.config.folders import Folders
from umbra.config.joint import Joint
from umbra.config.joint_file import CommonNuisance, JointLimit, SharedNuisance
from umbra.config.records import Branching, Luminosity
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config
from umbra.expectation.binned import BinnedExpectation
from umbra.expectation.point import Point
from umbra.generation.settings import GeneratorSettings
from umbra.inference.methods import registry as methods
from umbra.inference.workspace import contents, read_archive
from umbra.joint import inputs as inputs_of_joint
from umbra.joint.fitting import fit_block
from umbra.joint.inputs import Input
from umbra.joint.points import JointPoint, Strengths, read
from umbra.joint.table import page, weaker, write_inputs, write_limits
from umbra.plotting.joint import plot_joint
from umbra.recast.own_model import build
from umbra.theory import registry as theory
from umbra.theory.vertices import ELEMENTARY_CHARGE

WHY = "made up for these tests"
#: The registry as it is; in `run` each channel has its expectation at hand.
FIND = methods.find
MASSES = (1.5, 2.5, 3.25, 5.0)


def joint(**changes: Any) -> Joint:
    plain = Joint(
        name="both",
        coupling="epsilon",
        power=2,
        limit=JointLimit(level=0.9),
        interpretations={"first": "main", "second": "main"},
        shared={},
        common={},
    )
    return plain.model_copy(update=changes)


def searches() -> dict[str, BinnedExpectation]:
    """Two searches of one kind; the second has 64 times the luminosity, and a quarter of the rate at a coupling."""
    more = Luminosity(luminosity_fb=64.0 * LUMINOSITY_FB, relative_uncertainty=0.01)
    other = reading(coupling=COUPLING.model_copy(update={"reference": 2e-3}))
    return {
        "first": synthetic(),
        "second": changed(synthetic(), channel={"luminosity": more, "interpretations": (other,)}),
    }


class Prepared:
    """The method of the channels, with expectations that are at hand in the place of files."""

    def __init__(self, expectation: BinnedExpectation, data: Any = None) -> None:
        self.found, self.data = expectation, data

    def expectation(self, *_: Any) -> BinnedExpectation:
        return self.found

    def read_data(self, _: Path) -> Any:
        return self.data

    def hypotheses(self, *arguments: Any) -> Any:
        return FIND(self.found.channel.fit).hypotheses(*arguments)


def run(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: Joint,
    found: Mapping[str, BinnedExpectation],
    data: Mapping[str, Any] | None = None,
) -> list[JointPoint]:
    queue = iter(Prepared(each, (data or {}).get(name)) for name, each in found.items())
    monkeypatch.setattr(inputs_of_joint.methods, "find", lambda _: next(queue))
    nowhere = Path("none")
    chosen = [
        Input(name, each.channel, each.channel.main, nowhere, nowhere, nowhere)
        for name, each in found.items()
    ]
    fit_block(told, chosen, MASSES, folder / "block_000.json", folder / "block_000.zip", {})
    monkeypatch.undo()
    return read(folder / "block_000.json")


@pytest.fixture(name="points")
def _points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[JointPoint]:
    return run(tmp_path, monkeypatch, joint(), searches())


def test_what_the_searches_tell_adds_up(points: list[JointPoint]) -> None:
    """S/√B of the second is √64/4, twice that of the first: limits are as 1 to 1/2 to 1/√5, nearly, as b is large."""
    for point in points[:3]:
        assert point.joint.status == "converged"
        assert set(point.alone) == {"first", "second"}
        first, second, both = (each.median for each in (*point.alone.values(), point.joint))
        assert None not in (first, second, both)
        assert first / second == pytest.approx(2.0, rel=0.03)
        assert first / both == pytest.approx(5.0**0.5, rel=0.03)
        assert point.best == ("second", second)
        assert point.gain == pytest.approx((5.0 / 4.0) ** 0.5, rel=0.03)


def test_a_veto_leaves_no_limit_and_says_why(points: list[JointPoint]) -> None:
    last = points[-1]
    assert (last.mass_gev, last.joint.status, last.alone) == (5.0, "excluded_window", {})
    assert last.joint.reason.startswith("first: ")
    assert {each.status for each in last.left_out.values()} == {"excluded_window"}


def test_the_workspace_holds_those_that_the_channels_fit_themselves(
    tmp_path: Path, points: list[JointPoint]
) -> None:
    """Channel by channel the same bins; the second signal is that of the first one's coupling."""
    both = contents(read_archive(tmp_path / "block_000.zip")[str(points[1].member)])
    for name, each in searches().items():
        channel = each.channel
        own = FIND(channel.fit).hypotheses(each, None, [Point(MASSES[1])], channel.main)[0]
        mine = contents(own.workspace or {})["peak"]
        factor = points[1].coupling_power_per_mu / float(own.coupling_power_per_mu or 0.0)
        theirs = both[f"{name}_peak"]
        assert theirs.backgrounds == mine.backgrounds
        assert theirs.observed == mine.observed
        assert theirs.signal == pytest.approx([factor * value for value in mine.signal], rel=1e-12)


def test_one_that_is_not_sought_leaves_the_other_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = searches()
    narrow = found["second"].channel.categories[0].model_copy(update={"hypotheses_gev": (2.0, 3.0)})
    found["second"] = changed(found["second"], channel={"categories": (narrow,)})
    first, second = run(tmp_path, monkeypatch, joint(), found)[:2]
    assert first.joint == first.alone["first"]
    assert first.left_out["second"].reason == "not sought here"
    assert first.gain == 1.0
    assert set(second.alone) == {"first", "second"}


def test_a_shared_luminosity_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        name: changed(
            each,
            channel={"luminosity": each.channel.luminosity.model_copy(update={"relative_uncertainty": 0.5})},
        )
        for name, each in searches().items()
    }
    once = SharedNuisance(parameter="luminosity", of=("first", "second"), why=WHY)
    apart = run(tmp_path / "a", monkeypatch, joint(), found)[1]
    together = run(tmp_path / "b", monkeypatch, joint(shared={"luminosity_of_both": once}), found)[1]
    assert together.alone == apart.alone
    assert float(together.joint.median or 0.0) > 1.02 * float(apart.joint.median or 0.0)


def test_inputs_with_and_without_data_are_not_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def hypotheses(self, *_: Any) -> list[Any]:
            return []

    monkeypatch.setattr(Prepared, "hypotheses", Nothing.hypotheses)
    with pytest.raises(UmbraError, match="first have data and second none"):
        run(tmp_path, monkeypatch, joint(), searches(), {"first": "data"})


@pytest.mark.parametrize(("model", "ratio"), [("dark_photon", 1.0), ("b_minus_l", None)])
def test_the_signals_of_a_model_take_the_place_of_the_channels_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, ratio: float | None
) -> None:
    """The dark photon of a file is the channels' own; B − L has its closed form, √(B(A′ → ee)/B(Z′ → ee)) e ε."""
    pairs = simulated("x", "signal", "gamma_aprime", generator=GeneratorSettings(decay="dark_photon_to_ee"))
    of_pairs = category(branching=Branching(particle="dark_photon", final_state="ee"))
    found = {
        name: changed(
            each, channel={"samples": {"x": pairs, "qed": simulated("qed")}, "categories": (of_pairs,)}
        )
        for name, each in searches().items()
    }
    file = model_file.load(Folders((shipped_config(),)).find("models", model))
    own = run(tmp_path / "own", monkeypatch, joint(), found)[:3]
    read_as = run(tmp_path / "model", monkeypatch, joint(model=file), found)[:3]
    for one, other in zip(own, read_as, strict=True):
        couplings = [
            (float(each.joint.median or 0.0) * each.coupling_power_per_mu) ** 0.5 for each in (one, other)
        ]
        fractions = [
            theory.find("dark_photon").branching_fraction(one.mass_gev, "ee"),
            build(file).branching_fraction(one.mass_gev, "ee"),
        ]
        wanted = ratio or ELEMENTARY_CHARGE * (fractions[0] / fractions[1]) ** 0.5
        assert couplings[1] / couplings[0] == pytest.approx(wanted, rel=1e-6)


def test_tables_page_and_figure_say_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = {"rate": CommonNuisance(relative=0.02, of=("first", "second"), why=WHY)}
    told = joint(common=common)
    points = run(tmp_path, monkeypatch, told, searches())
    write_limits(tmp_path / "limits.csv", told, points)
    write_inputs(tmp_path / "inputs.csv", told, points)
    rows = list(csv.DictReader((tmp_path / "limits.csv").read_text().splitlines()))
    assert [row["status"] for row in rows] == ["converged"] * 3 + ["excluded_window"]
    assert rows[0]["inputs"] == "first second"
    assert rows[0]["best_input"] == "second"
    assert rows[3]["expected"] == rows[0]["observed"] == ""
    strength = float(points[0].joint.median or 0.0)
    assert float(rows[0]["expected"]) ** 2 == pytest.approx(strength * points[0].coupling_power_per_mu)
    assert float(rows[0]["gain"]) ** 2 == pytest.approx(points[0].gain)
    alone = list(csv.DictReader((tmp_path / "inputs.csv").read_text().splitlines()))
    assert len(alone) == 8
    assert float(alone[1]["expected"]) == pytest.approx(float(rows[0]["expected"]) * float(rows[0]["gain"]))
    said = {
        "common": {"rate": WHY},
        "independent": {"": "all else"},
        "disjoint": {"": "two machines"},
        "shared": {},
    }
    text = "\n".join(page(told, "Both", said, points))
    for words in (
        "`rate`: 2 % of the signals of first, second",
        "all else",
        "two machines",
        "nowhere",
        "4 masses",
    ):
        assert words in text
    names = {"first": "one: e⁺e⁻", "second": "other"}
    plot_joint(tmp_path / "exclusion", told, points, "Both", r"$\varepsilon$", names)
    drawn = list(csv.DictReader((tmp_path / "exclusion.csv").read_text().splitlines()))
    assert {row["curve"] for row in drawn} == {"joint", "first", "second"}
    assert (tmp_path / "exclusion.png").stat().st_size > 10_000


def test_a_weaker_limit_is_said() -> None:
    alone = {"a": Strengths(status="converged", expected=(1.0, 1.0, 1.0, 1.0, 1.0))}
    of_all = Strengths(status="converged", expected=(1.0, 1.0, 1.05, 1.1, 1.2))
    point = JointPoint(
        mass_gev=1.0, coupling_power_per_mu=1.0, joint=of_all, alone=alone, left_out={}, member=None
    )
    assert weaker(point) == "weaker by 5.0% in the signal strength than a alone"
    fine = point.model_copy(
        update={"joint": of_all.model_copy(update={"expected": (1.0, 1.0, 1.005, 1.1, 1.2)})}
    )
    assert weaker(fine) == ""

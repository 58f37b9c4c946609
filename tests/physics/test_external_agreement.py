"""Our samplers against events of MadGraph5_aMC@NLO (tests/data): energies, angles and masses agree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from event_files import open_source
from umbra.core import particles, seeds
from umbra.core.events import Events, concatenate
from umbra.core.kinematics import Array, azimuth, mass_squared, opening_angle, polar_angle
from umbra.core.machines import Machine
from umbra.generation.external.declaration import CENTRE_OF_MASS
from umbra.generation.external.sample import ExternalSample
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler

DATA = Path(__file__).parents[1] / "data"
#: The energy of the samples; without crossing angle, boost or spread.
MACHINE = Machine("at_rest", 5.29, 5.29)


@dataclass(frozen=True)
class Case:
    """One sample of the other generator and how to make ours."""

    process: str
    distributions: Callable[[Array], dict[str, Array]]
    parameters: Mapping[str, float] = field(default_factory=dict)
    cuts: Cuts = field(default_factory=dict)
    #: Code of the new particle in the file, and ours.
    code: tuple[int, int] | None = None


def photon_and_particle(p4: Array) -> dict[str, Array]:
    """Two bodies of fixed energy have two angles left."""
    photon = p4[:, 0]
    return {"cos theta of the photon": np.cos(polar_angle(photon)), "azimuth of the photon": azimuth(photon)}


def muons_and_particle(p4: Array) -> dict[str, Array]:
    plus, minus, boson = p4[:, 0], p4[:, 1], p4[:, 2]
    named = {"mu+": plus, "mu-": minus, "Z'": boson}
    out = {f"energy of {name}": p[:, 3] for name, p in named.items()}
    out |= {f"cos theta of {name}": np.cos(polar_angle(p)) for name, p in named.items()}
    out |= {
        f"mass of {name}": np.sqrt(mass_squared(p))
        for name, p in {"mu+ mu-": plus + minus, "mu+ Z'": plus + boson, "mu- Z'": minus + boson}.items()
    }
    return out | {"angle between mu+ and mu-": opening_angle(plus, minus)}


def three_photons(p4: Array) -> dict[str, Array]:
    """Photons are told apart by their energy only."""
    order = np.argsort(-p4[..., 3], axis=1)[..., None]
    photons = np.take_along_axis(p4, order, axis=1)
    pairs = {"1, 2": (0, 1), "1, 3": (0, 2), "2, 3": (1, 2)}
    out = {f"energy of photon {i + 1}": photons[:, i, 3] for i in range(3)}
    out |= {f"|cos theta| of photon {i + 1}": np.abs(np.cos(polar_angle(photons[:, i]))) for i in range(3)}
    out |= {
        f"mass of photons {name}": np.sqrt(mass_squared(photons[:, i] + photons[:, j]))
        for name, (i, j) in pairs.items()
    }
    angles = np.stack([opening_angle(photons[:, i], photons[:, j]) for i, j in pairs.values()])
    return out | {"smallest angle of a pair": angles.min(axis=0)}


FORWARD: Cuts = {"cos_theta": (-0.95, 0.95)}
CASES = {
    "gamma_alp_m1": Case(
        "gamma_alp",
        photon_and_particle,
        {"mass_gev": 1.0, "coupling": 1e-3},
        FORWARD,
        (9000002, particles.ALP),
    ),
    "gamma_aprime_m1": Case(
        "gamma_aprime",
        photon_and_particle,
        {"mass_gev": 1.0, "coupling": 1e-3},
        FORWARD,
        (9000001, particles.DARK_PHOTON),
    ),
    "mumu_zprime_m1": Case(
        "mumu_zprime",
        muons_and_particle,
        {"mass_gev": 1.0, "coupling": 0.1},
        {},
        (9000003, particles.Z_PRIME),
    ),
    "three_gamma": Case(
        "three_gamma",
        three_photons,
        cuts={"photon_energy": (0.25, None), "photon_theta": (10.0, 170.0), "pair_angle": (10.0, None)},
    ),
}


def source(path: Path, case: Case) -> ExternalSample:
    given: dict[str, Any] = {"file": path, "frame": CENTRE_OF_MASS, "generator": "MadGraph5_aMC@NLO 3.1.1"}
    if case.code is not None:
        given |= {
            "pdg_id_map": dict([case.code]),
            "mass_gev": case.parameters["mass_gev"],
            "coupling": {"value": 1e-3, "power": 2},
        }
    return open_source(given, MACHINE)


def theirs(path: Path, case: Case) -> Array:
    return ordered(concatenate(list(source(path, case).batches(frame=CENTRE_OF_MASS))))


def sampler(case: Case, name: str) -> Sampler:
    adaptation = seeds.generator("agreement", name, "adaptation")
    return Sampler(find(case.process), MACHINE, case.parameters, case.cuts, rng=adaptation)


def ours(case: Case, events: int, name: str) -> Array:
    rng = seeds.generator("agreement", name, "events")
    sample = sampler(case, name).generate(events, rng).events
    # Events above the largest weight of the sampler carry their excess; the comparison is of unweighted ones.
    return ordered(sample.select(rng.random(events) * sample.weight.max() < sample.weight))


def ordered(batch: Events) -> Array:
    """Momenta with the particles in the same order, whatever the generator's: by code."""
    order = np.argsort(batch.pdg_id, axis=1, kind="stable")
    codes: NDArray[np.int32] = np.take_along_axis(batch.pdg_id, order, axis=1)
    assert (codes == codes[0]).all()
    return np.take_along_axis(batch.p4, order[..., None], axis=1)


def p_values(name: str, path: Path, events: int) -> dict[str, float]:
    """Kolmogorov-Smirnov p-value of each distribution."""
    case = CASES[name]
    a, b = case.distributions(theirs(path, case)), case.distributions(ours(case, events, name))
    return {quantity: float(ks_2samp(a[quantity], b[quantity]).pvalue) for quantity in a}


@pytest.mark.parametrize("name", CASES)
def test_distributions_agree(name: str) -> None:
    found = p_values(name, DATA / f"{name}.lhe.gz", events=20_000)
    listed = ", ".join(f"{quantity}: {value:.3g}" for quantity, value in found.items())
    assert min(found.values()) * len(found) > 0.01, listed


@pytest.mark.parametrize("name", CASES)
def test_cross_sections_agree(name: str) -> None:
    case = CASES[name]
    file, own = source(DATA / f"{name}.lhe.gz", case).read_through(), sampler(case, name).cross_section
    error = np.hypot(file.cross_section_error_pb, own.error_pb)
    difference = abs(own.value_pb - file.cross_section_pb)
    assert difference < max(0.01 * file.cross_section_pb, 3.0 * error), (own, file.cross_section_pb)


def test_the_comparison_notices_a_wrong_shape() -> None:
    """400 events tell 1 + cos^2 theta from the dark photon's steeper peak along the beams."""
    case = CASES["gamma_aprime_m1"]
    wrong = photon_and_particle(ours(CASES["gamma_alp_m1"], 20_000, "wrong"))
    right = photon_and_particle(theirs(DATA / "gamma_aprime_m1.lhe.gz", case))
    quantity = "cos theta of the photon"
    assert ks_2samp(wrong[quantity], right[quantity]).pvalue < 1e-3

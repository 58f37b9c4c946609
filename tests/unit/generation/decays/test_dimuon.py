"""Decays to two muons of what a muon pair radiates, against the amplitude and against isotropy."""

import numpy as np
import pytest
from scipy import stats

from umbra.core.constants import ELECTRON_MASS_GEV, MUON_MASS_GEV
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events
from umbra.core.kinematics import Array, boost_to_rest, mass_squared
from umbra.core.machines import Machine
from umbra.core.particles import SCALAR, Z_PRIME
from umbra.core.seeds import generator
from umbra.generation.decays import dimuon
from umbra.generation.processes.qed_amplitudes import ANNIHILATION, four_lepton
from umbra.generation.processes.registry import find
from umbra.generation.sampling import Sampler

SUPERKEKB = Machine("superkekb", 7.004, 4.002, 83.0)


def produced(process: str, mass_gev: float, n: int, isr: str = "none") -> Events:
    sampler = Sampler(
        find(process), SUPERKEKB, {"mass_gev": mass_gev}, {}, isr, rng=generator("test", process, mass_gev)
    )
    events = sampler.generate(n, generator("test", process, "events")).events
    return events.with_p4(SUPERKEKB.to_lab(events.p4))


def helicity(events: Events) -> Array:
    """Cosine between the mu- of the decay, in the rest frame of its parent, and the flight of the parent."""
    p4 = SUPERKEKB.to_cm(events.p4)
    flight, decayed = p4[:, 2, :3], boost_to_rest(p4[:, -2], p4[:, 2])[:, :3]
    sizes = np.linalg.norm(decayed, axis=1) * np.linalg.norm(flight, axis=1)
    cosine: Array = (decayed * flight).sum(axis=1) / sizes
    return cosine


@pytest.mark.parametrize("isr", ["none", "leading_log"])
@pytest.mark.parametrize(("process", "parent"), [("mumu_zprime", Z_PRIME), ("mumu_scalar", SCALAR)])
def test_momentum_and_mass_are_kept(process: str, parent: int, isr: str) -> None:
    before = produced(process, 2.0, 500, isr)
    decay = dimuon.zprime_to_mumu if parent == Z_PRIME else dimuon.scalar_to_mumu
    after = decay(before, SUPERKEKB, generator("test", "decay"))
    pair = after.p4[:, -2:]
    assert after.pdg_id[0, -2:].tolist() == [13, -13]
    assert (after.pdg_id[:, 2] == parent).all()
    assert (after.status[:, 2] == DECAYED).all()
    assert (after.status[:, -2:] == FINAL).all()
    assert pair.sum(axis=1) == pytest.approx(before.p4[:, 2], abs=1e-9)
    assert np.sqrt(mass_squared(pair)) == pytest.approx(np.full((500, 2), MUON_MASS_GEV), abs=1e-5)


@pytest.mark.parametrize("mass_gev", [0.25, 3.0, 8.0])
def test_zprime_remembers_its_polarisation(mass_gev: float) -> None:
    """Decays agree with isotropic ones that carry the squared amplitude of the whole chain as weight."""
    n = 40_000
    before = produced("mumu_zprime", mass_gev, n)
    drawn = helicity(dimuon.zprime_to_mumu(before, SUPERKEKB, generator("test", "drawn")))

    scalars = Events(
        np.where(before.pdg_id == Z_PRIME, SCALAR, before.pdg_id).astype(np.int32),
        before.p4,
        before.weight,
        before.vertex_mm,
        before.status,
    )
    isotropic = dimuon.scalar_to_mumu(scalars, SUPERKEKB, generator("test", "isotropic"))
    p4 = SUPERKEKB.to_cm(isotropic.p4)[:, [0, 1, 3, 4]]
    masses = (ELECTRON_MASS_GEV, MUON_MASS_GEV, MUON_MASS_GEV)
    radiated = np.array([[False, True, False]])
    full = four_lepton(
        p4, np.full(n, SUPERKEKB.sqrt_s_gev), masses, ANNIHILATION, radiated, beam_helicity_flip=False
    )
    # Per produced event: the mean over directions must not weight the production again.
    weight = full / _mean_over_directions(before, masses, radiated)
    expected = helicity(isotropic)
    for power in (1, 2, 4):
        error = np.hypot(np.std(drawn**power), np.std(weight * expected**power)) / np.sqrt(n)
        assert np.mean(drawn**power) == pytest.approx(np.mean(weight * expected**power), abs=4.0 * error)


def _mean_over_directions(before: Events, masses: tuple[float, float, float], radiated: Array) -> Array:
    """Mean of the rate over a sphere, by the octahedron, which is exact for quadratic forms."""
    in_cm = SUPERKEKB.to_cm(before.p4)
    mass = np.sqrt(mass_squared(in_cm[:, 2]))
    rates = []
    for axis in np.eye(3):
        pair = dimuon._daughters(in_cm[:, 2], mass, MUON_MASS_GEV, np.broadcast_to(axis, (len(mass), 3)))
        p4 = np.concatenate([in_cm[:, :2], pair], axis=1)
        rates.append(
            four_lepton(
                p4,
                np.full(len(mass), SUPERKEKB.sqrt_s_gev),
                masses,
                ANNIHILATION,
                radiated,
                beam_helicity_flip=False,
            )
        )
    mean: Array = np.mean(rates, axis=0)
    return mean


def test_polarisation_matters_at_all() -> None:
    """The test above would not notice an isotropic decay if the true one were isotropic."""
    before = produced("mumu_zprime", 0.5, 40_000)
    cosine = helicity(dimuon.zprime_to_mumu(before, SUPERKEKB, generator("test", "drawn")))
    assert stats.kstest(cosine, "uniform", args=(-1.0, 2.0)).pvalue < 1e-6


def test_scalar_decays_isotropically() -> None:
    before = produced("mumu_scalar", 0.5, 8_000)
    cosine = helicity(dimuon.scalar_to_mumu(before, SUPERKEKB, generator("test", "drawn")))
    assert stats.kstest(cosine, "uniform", args=(-1.0, 2.0)).pvalue > 0.003


def test_impossible_decays_are_refused() -> None:
    rng = generator("test", "refused")
    with pytest.raises(UmbraError, match=r"a Z' of 0\.2 GeV cannot decay to two leptons of 0.105"):
        dimuon.zprime_to_mumu(produced("mumu_zprime", 0.2, 10), SUPERKEKB, rng)
    with pytest.raises(UmbraError, match="undecayed particles of PDG identifier"):
        dimuon.zprime_to_mumu(produced("mumu_scalar", 1.0, 10), SUPERKEKB, rng)

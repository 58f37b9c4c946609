"""A' of electrons on atoms: matrix element against traces, kinematics, cross-sections, and the thick target."""

import numpy as np
import pytest

from dirac_matrices import METRIC, UNIT, bar, slash, trace
from umbra.core.constants import ALPHA, ELECTRON_MASS_GEV, GEV2_PB
from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array, dot
from umbra.core.machines import FixedTarget
from umbra.core.nuclei import LEAD
from umbra.core.seeds import generator
from umbra.generation.grid import Grid
from umbra.generation.integration import cross_section
from umbra.generation.processes import bremsstrahlung_amplitude as amplitude
from umbra.generation.processes import registry
from umbra.generation.processes.bremsstrahlung_amplitude import Invariants
from umbra.theory.shower import track_length

M = ELECTRON_MASS_GEV
BEAM = FixedTarget("sps_na64", "electron", 100.0, "lead")


def events(mass_gev: float, n: int, beam_gev: float = 100.0) -> tuple[amplitude.Emission, Invariants]:
    kept: list[Invariants] = []

    def squared(of: Invariants, mass: float) -> Array:
        kept.append(of)
        return amplitude.vector(of, mass)

    x = generator("bremsstrahlung", mass_gev).random((n, 5))
    return amplitude.emit(x, np.full(n, beam_gev), mass_gev, LEAD, squared), kept[0]


def first() -> Array:
    return np.array([0.0, 0.0, np.sqrt(100.0**2 - M**2), 100.0])


def by_traces(made: amplitude.Emission, mass_gev: float) -> Array:
    """The squared matrix element from Dirac matrices: mean over the spin of the electron before, sum over the rest."""
    p, p1, k = np.broadcast_to(first(), made.electron.shape), made.electron, made.emitted
    big = np.array([0.0, 0.0, 0.0, 2.0 * LEAD.mass_gev]) - (p1 + k - p)
    after, before = slash(p1 + k) + M * UNIT, slash(p - k) + M * UNIT
    s, u = 2.0 * dot(p1, k) + mass_gev**2, mass_gev**2 - 2.0 * dot(p, k)
    total = np.zeros(len(p))
    for axis, sign in enumerate(METRIC):
        gamma = slash(np.eye(4)[axis]) * sign
        vertex = (
            gamma @ after @ slash(big) / s[:, None, None] + slash(big) @ before @ gamma / u[:, None, None]
        )
        total -= sign * trace([slash(p1) + M * UNIT, vertex, slash(p) + M * UNIT, bar(vertex)])
    return 0.5 * total


def test_the_matrix_element_is_that_of_the_traces() -> None:
    """At a mass and momenta where double precision lets traces be taken."""
    made, of = events(5.0, 4000)
    hard = (made.weight_pb > 0.0) & (-of.t > 0.05) & (np.abs(of.s) > 1.0) & (np.abs(of.u) > 1.0)
    assert hard.sum() > 50
    chosen = amplitude.Emission(made.electron[hard], made.emitted[hard], made.weight_pb[hard])
    np.testing.assert_allclose(amplitude.vector(of, 5.0)[hard], by_traces(chosen, 5.0), rtol=2e-3)


@pytest.mark.parametrize("mass_gev", [0.02, 1.0])
def test_invariants_are_those_of_the_momenta(mass_gev: float) -> None:
    made, of = events(mass_gev, 5000)
    good = made.weight_pb > 0.0
    p, p1, k = first(), made.electron[good], made.emitted[good]
    q = p1 + k - p
    np.testing.assert_allclose(dot(p1, p1), M**2, atol=3e-11)
    np.testing.assert_allclose(dot(k, k), mass_gev**2, atol=1e-10)
    # The atom keeps its mass: (P - q)² = M².
    np.testing.assert_allclose(dot(q, q) - 2.0 * LEAD.mass_gev * q[:, 3], 0.0, atol=1e-6)
    for name, value in (
        ("s", 2.0 * dot(p1, k) + mass_gev**2),
        ("u", mass_gev**2 - 2.0 * dot(p[None], k)),
        ("t", dot(q, q)),
        ("t2", dot(p - p1, p - p1)),
    ):
        np.testing.assert_allclose(getattr(of, name)[good], value, rtol=1e-6, atol=2e-8, err_msg=name)
    mixed = of.u * of.big_p + of.s * of.big_p1
    np.testing.assert_allclose(of.mixed[good], mixed[good], rtol=1e-4, atol=3e-4)


def sigma_pb(mass_gev: float, beam_gev: float) -> float:
    energy = np.sqrt(LEAD.mass_gev**2 + 2.0 * LEAD.mass_gev * beam_gev + M**2)
    rng = generator("bremsstrahlung", mass_gev, beam_gev)
    parameters = {"mass_gev": mass_gev, "coupling": 1.0}
    process = registry.find("aprime_on_lead")
    return cross_section(process, energy, parameters, {}, relative_error=3e-3, rng=rng).value_pb


@pytest.mark.parametrize(
    ("mass_gev", "beam_gev", "value_pb"),
    [
        (0.01, 100.0, 8486.3),
        (0.1, 100.0, 106.04),
        (0.5, 100.0, 1.79844),
        (1.0, 100.0, 0.191974),
        (0.1, 20.0, 61.7703),
    ],
)
def test_cross_sections_are_those_of_the_experiment(
    mass_gev: float, beam_gev: float, value_pb: float
) -> None:
    """Reference values of DMG4, the generator of NA64, at ε = 1e-4; within 2 %, which was stated before."""
    assert 1e-8 * sigma_pb(mass_gev, beam_gev) == pytest.approx(value_pb, rel=0.02)


def test_a_thick_target_adds_up_the_cross_sections_of_the_shower() -> None:
    process = registry.find("aprime_in_lead")
    complete = process.complete({"mass_gev": 0.1, "coupling": 2e-4})

    def weight(x: Array) -> Array:
        return process.evaluate(x, np.full(len(x), BEAM.sqrt_s_gev), complete, {})[1]

    shower = track_length(0.4)
    below = np.concatenate([[0.0], np.cumsum(shower.length)])
    parts = np.linspace(0.0, np.log(2.5), 7)
    lengths = np.diff(np.interp(parts, shower.edges, below))
    energies = 100.0 * np.exp(-0.5 * (parts[1:] + parts[:-1]))
    expected = sum(length * sigma_pb(0.1, energy) for length, energy in zip(lengths, energies, strict=True))
    # Atoms on a radiation length of lead: 6.37 g/cm² of 207.2 g/mol.
    atoms_cm2 = 6.37 / 207.2 * 6.02214076e23
    rng = generator("bremsstrahlung", "thick")
    grid = Grid.learnt(weight, 6, rng)
    x, jacobian = grid.map(rng.random((2**17, 6)))
    assert float((weight(x) * jacobian).mean()) == pytest.approx(
        4e-8 * expected * atoms_cm2 * 1e-36, rel=0.02
    )


def test_events_hold_the_energy_of_the_beam() -> None:
    for name in ("aprime_on_lead", "aprime_in_lead"):
        process = registry.find(name)
        process.check_threshold(BEAM.sqrt_s_gev, {"mass_gev": 0.1})
        x = generator("bremsstrahlung", name).random((2000, process.dimensions))
        p4, weight = process.evaluate(
            x, np.full(2000, BEAM.sqrt_s_gev), {"mass_gev": 0.1, "coupling": 1.0}, {}
        )
        lab = BEAM.to_lab(p4)[weight > 0.0]
        np.testing.assert_allclose(dot(lab[:, 1], lab[:, 1]), 0.01, atol=1e-8)
        missing = BEAM.beam_energy_gev - lab[..., 3].sum(axis=1)
        # What the atom takes: q²/2M
        assert (missing > -1e-9).all()
        assert missing.max() < 0.05


def test_a_collider_is_no_target() -> None:
    process = registry.find("aprime_on_lead")
    with pytest.raises(UmbraError, match=r"10\.58 GeV is not above the mass of Pb"):
        process.check_threshold(10.58, {"mass_gev": 0.1})
    with pytest.raises(UmbraError, match="above the kinematic limit"):
        process.check_threshold(BEAM.sqrt_s_gev, {"mass_gev": 90.0})


def test_a_narrow_dark_photon_is_made_by_positrons_of_one_energy() -> None:
    """The integral of a narrow resonance, 12 π² Γ_ee/m with Γ_ee = ε² α m/3, at the energy m²/2m_e."""
    process, mass = registry.find("aprime_in_lead_with_positrons"), 0.27
    both = process.complete({"mass_gev": mass, "coupling": 1e-4, "alpha_d": 1e-4})
    x = generator("bremsstrahlung", "positrons").random((20_000, 7))
    x[:, 6] = 0.25
    p4, weight = process.evaluate(x, np.full(len(x), BEAM.sqrt_s_gev), both, {})
    energy = mass**2 / (2.0 * M)
    length = float(track_length(0.4).positrons_at(np.array([energy / 100.0]))[0]) / energy
    atoms_cm2 = 6.37 / 207.2 * 6.02214076e23
    sigma_pb = 12.0 * np.pi**2 * ALPHA * 1e-8 / 3.0 / (2.0 * M) * GEV2_PB
    # One half of the trials: a weight of twice the rate.
    assert weight.mean() == pytest.approx(2.0 * sigma_pb * length * 82 * atoms_cm2 * 1e-36, rel=0.01)
    lab = BEAM.to_lab(p4)
    assert np.average(lab[:, 1, 3], weights=weight) == pytest.approx(energy, rel=0.01)
    np.testing.assert_allclose(lab[:, 1:, 3].sum(axis=1), 100.0, rtol=1e-6)

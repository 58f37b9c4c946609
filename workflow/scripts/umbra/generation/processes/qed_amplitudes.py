"""Tree-level QED amplitudes of two or three fermion lines, by explicit helicity states.

An event has `sources` (the incoming electron, then the outgoing antifermions) and `sinks` (the incoming
positron, then the outgoing fermions). A fermion line joins a source to a sink. Every tree diagram has one
line in the middle that exchanges a photon with each other line; in radiative processes one of these photons
is real instead. The amplitude is the sum over the ways to join sources to sinks (with the sign of the
permutation), over the line in the middle and over the two orders of its photons, so that one kernel gives
e+e- -> f+f-γ and e+e- -> f+f-F+F- with all diagrams and identical-particle exchange. Masses are exact.

Spinors are in the Weyl representation with the spin quantised along z in the rest frame: at tree level with
real couplings, reversal of all spins (parity times naive time reversal) conjugates the amplitude up to a
sign, so that half of the states is enough. Vectors are contracted in light-cone components (v0+v3, v0-v3,
v1-iv2, v1+iv2). See M. Peskin and D. Schroeder, An Introduction to Quantum Field Theory, sections 3.3 and
5.1, for the conventions.
"""

# Elements of arrays, which compiled functions return, have no type for mypy.
# mypy: warn-return-any=False

import numpy as np
from numpy.typing import NDArray

from umbra.core.compilation import compiled
from umbra.core.constants import ALPHA
from umbra.core.kinematics import Array

Complex = NDArray[np.complex128]

#: Square of the elementary charge.
CHARGE2 = 4.0 * np.pi * ALPHA

#: Ways to join the sources to the sinks: row k, column i holds the sink of source i. The first row
#: annihilates electron with positron and pairs each outgoing fermion with its own antifermion.
ANNIHILATION = np.array([[0, 1, 2]])
#: The first outgoing pair are electrons, which may also be the scattered beams.
WITH_SCATTERING = np.array([[0, 1, 2], [1, 0, 2]])
#: The two outgoing pairs are identical (and not electrons).
WITH_EXCHANGE = np.array([[0, 1, 2], [0, 2, 1]])
#: All four outgoing leptons are electrons.
ALL_PAIRINGS = np.array([[0, 1, 2], [1, 0, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1], [2, 1, 0]])


@compiled
def _spinor(flow: Array, mass: float, sign: float, out: Complex) -> None:
    """Fill the two states of u (sign +1) or v (sign -1) of momentum sign * flow as columns (L1, L2, R1, R2)."""
    x, y, z, energy = sign * flow[0], sign * flow[1], sign * flow[2], sign * flow[3]
    norm = 1.0 / np.sqrt(2.0 * (energy + mass))
    minus = (energy + mass - z) * norm
    plus = (energy + mass + z) * norm
    side = complex(x * norm, y * norm)
    out[0, 0], out[0, 1] = minus, -side
    out[0, 2], out[0, 3] = sign * plus, sign * side
    out[1, 0], out[1, 1] = -side.conjugate(), plus
    out[1, 2], out[1, 3] = sign * side.conjugate(), sign * minus


@compiled
def _adjoint(columns: Complex, out: Complex) -> None:
    """Fill the Dirac adjoints, as rows that multiply (L1, L2, R1, R2)."""
    for s in range(2):
        for k in range(4):
            out[s, k] = columns[s, (k + 2) % 4].conjugate()


@compiled
def _lightcone(v: Array, out: Complex) -> None:
    out[0] = v[3] + v[2]
    out[1] = v[3] - v[2]
    out[2] = v[0] - 1j * v[1]
    out[3] = v[0] + 1j * v[1]


@compiled
def _current(row: Complex, column: Complex, scale: float, out: Complex) -> None:
    """Fill scale * row γ^μ column; a row is an adjoint, its first half meets right-handed components."""
    twice = 2.0 * scale
    out[0] = twice * (row[0] * column[2] + row[3] * column[1])
    out[1] = twice * (row[1] * column[3] + row[2] * column[0])
    out[2] = twice * (row[1] * column[2] - row[3] * column[0])
    out[3] = twice * (row[0] * column[3] - row[2] * column[1])


@compiled
def _slash(v: Complex, column: Complex, out: Complex) -> None:
    out[0] = v[1] * column[2] - v[2] * column[3]
    out[1] = v[0] * column[3] - v[3] * column[2]
    out[2] = v[0] * column[0] + v[2] * column[1]
    out[3] = v[3] * column[0] + v[1] * column[1]


@compiled
def _row_slash(row: Complex, v: Complex, out: Complex) -> None:
    out[0] = row[2] * v[0] + row[3] * v[3]
    out[1] = row[2] * v[2] + row[3] * v[1]
    out[2] = row[0] * v[1] - row[1] * v[3]
    out[3] = row[1] * v[0] - row[0] * v[2]


@compiled
def _dot(a: Array, b: Array) -> float:
    return a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2]


@compiled
def _combine(a: Array, b: Array, sign: float, out: Array) -> None:
    """Fill a + sign * b; array expressions would do the same but take long to compile."""
    for i in range(4):
        out[i] = a[i] + sign * b[i]


@compiled
def _scattered_q2(p: Array, q: Array, mass: float) -> float:
    """(p - q)² of a particle p along the z axis (or of -p and -q), exact at small angles."""
    p_z, q_abs = abs(p[2]), np.sqrt(q[0] ** 2 + q[1] ** 2 + q[2] ** 2)
    along = q[2] if p[2] > 0.0 else -q[2]
    # q_abs - along, from the transverse momentum in the forward hemisphere.
    lag = (q[0] ** 2 + q[1] ** 2) / (q_abs + along) if along > 0.0 else q_abs - along
    forward = mass**2 * (p[3] - q[3]) ** 2 / (p[3] * q[3] - mass**2 + p_z * q_abs)
    return -2.0 * (forward + p_z * lag)


@compiled
def spin_sums(
    p4: Array,
    sqrt_s: Array,
    masses: Array,
    pairings: NDArray[np.int_],
    signs: Array,
    include: NDArray[np.bool_],
    flips: bool,
    polarisation: Array,
    out: Array,
) -> None:
    """Fill `out` with the amplitude squared over the charge's power, averaged over the beams' spins.

    Parameters
    ----------
    p4
        (f-, f+, photon) or (f-, f+, F-, F+), shape (n, 3 or 4, 4).
    sqrt_s
        Shape (n,).
    masses
        Beam, f and F mass, shape (3,).
    pairings, signs
        Sink of each source and sign, shapes (k, 3) and (k,). In radiative processes the third column is
        ignored.
    include
        Whether pairing k with line l in the middle takes part, shape (k, 3): single groups of diagrams.
    flips
        Whether the beams may have equal helicities, which in annihilation is suppressed by (m_e/E)^2.
    polarisation
        Polarisation vectors of the photon per event, shape (n, 2, 4); unused with four leptons.
    out
        Shape (n,).
    """
    radiative = p4.shape[1] == 3
    fermion_lines = 2 if radiative else 3
    sources = np.zeros((3, 2, 4), np.complex128)
    sinks = np.zeros((3, 2, 4), np.complex128)
    column = np.zeros((2, 4), np.complex128)
    flow_in = np.zeros((3, 4))
    flow_out = np.zeros((3, 4))
    momentum = np.zeros((3, 4))
    virtuality = np.zeros(3)
    total_flow = np.zeros(4)
    light = np.zeros(4, np.complex128)
    current = np.zeros((3, 4, 4), np.complex128)
    bits = np.zeros((3, 4), np.int64)
    states = np.zeros(3, np.int64)
    halves = np.zeros((2, 2, 4, 4), np.complex128)
    ends = np.zeros((2, 2, 4, 4), np.complex128)
    step = np.zeros(4, np.complex128)
    amplitude = np.zeros(64, np.complex128)

    for n in range(len(out)):
        energy = 0.5 * sqrt_s[n]
        beam = np.sqrt(energy**2 - masses[0] ** 2)
        flow_in[0, 2], flow_in[0, 3] = beam, energy
        flow_out[0, 2], flow_out[0, 3] = beam, -energy
        _spinor(flow_in[0], masses[0], 1.0, sources[0])
        _spinor(flow_out[0], masses[0], -1.0, column)
        _adjoint(column, sinks[0])
        for line in range(1, fermion_lines):
            for c in range(4):
                flow_out[line, c] = p4[n, 2 * line - 2, c]
                flow_in[line, c] = -p4[n, 2 * line - 1, c]
            _spinor(flow_in[line], masses[line], -1.0, sources[line])
            _spinor(flow_out[line], masses[line], 1.0, column)
            _adjoint(column, sinks[line])
        for c in range(64):
            amplitude[c] = 0.0

        for k in range(len(pairings)):
            for line in range(fermion_lines):
                sink = pairings[k, line]
                _combine(flow_in[line], flow_out[sink], -1.0, momentum[line])
                scattering = (line == 0) != (sink == 0)
                if scattering and line == 0:
                    virtuality[line] = _scattered_q2(flow_in[0], flow_out[sink], masses[0])
                elif scattering:
                    virtuality[line] = _scattered_q2(flow_out[0], flow_in[line], masses[0])
                else:
                    virtuality[line] = _dot(momentum[line], momentum[line])
                _lightcone(momentum[line], light)
                states[line] = 0
                for s_source in range(1 if line == 0 else 2):
                    for s_sink in range(0 if flips or sink != 0 else 1, 2):
                        j = states[line]
                        _current(
                            sinks[sink, s_sink],
                            sources[line, s_source],
                            1.0 / virtuality[line],
                            current[line, j],
                        )
                        if scattering:
                            # Light-cone gauge: a beam's current is nearly along its photon, which cannot
                            # contribute.
                            g = 0 if line == 0 else 1
                            shift = current[line, j, g] / light[g]
                            for c in range(4):
                                current[line, j, c] -= shift * light[c]
                        bits[line, j] = (s_source << line) | (s_sink << (3 + sink))
                        states[line] = j + 1
            if radiative:
                for c in range(4):
                    momentum[2, c] = -p4[n, 2, c]
                virtuality[2] = 0.0
                states[2] = 2
                for j in range(2):
                    _lightcone(polarisation[n, j], current[2, j])
                    bits[2, j] = j << 2

            for middle in range(fermion_lines):
                if not include[k, middle]:
                    continue
                sink = pairings[k, middle]
                n_source = 1 if middle == 0 else 2
                first_sink = 0 if flips or sink != 0 else 1
                # slot 0 holds the photon that the source meets first in the first order, slot 1 in the
                # second.
                for slot in range(2):
                    other = (middle + 1 + slot) % 3
                    denominator = virtuality[other] + 2.0 * _dot(flow_in[middle], momentum[other])
                    _combine(flow_in[middle], momentum[other], 1.0, total_flow)
                    _lightcone(total_flow, light)
                    for j in range(states[other]):
                        for s in range(n_source):
                            _slash(current[other, j], sources[middle, s], step)
                            _slash(light, step, halves[slot, s, j])
                            for c in range(4):
                                halves[slot, s, j, c] = (
                                    halves[slot, s, j, c] + masses[middle] * step[c]
                                ) / denominator
                        for s in range(first_sink, 2):
                            _row_slash(sinks[sink, s], current[other, j], ends[slot, s, j])
                a, b = (middle + 1) % 3, (middle + 2) % 3
                for s_source in range(n_source):
                    for s_sink in range(first_sink, 2):
                        base = (s_source << middle) | (s_sink << (3 + sink))
                        for j in range(states[a]):
                            for i in range(states[b]):
                                total = 0.0j
                                for c in range(4):
                                    total += (
                                        ends[1, s_sink, i, c] * halves[0, s_source, j, c]
                                        + ends[0, s_sink, j, c] * halves[1, s_source, i, c]
                                    )
                                amplitude[base | bits[a, j] | bits[b, i]] += signs[k] * total
        result = 0.0
        for c in range(64):
            result += amplitude[c].real ** 2 + amplitude[c].imag ** 2
        # Twice for the reversed spins, a quarter for the beams.
        out[n] = 0.5 * result


def _signs(pairings: NDArray[np.int_]) -> Array:
    """Signs of the permutations."""
    inversions = sum(
        (pairings[:, i] > pairings[:, j]).astype(np.int_) for i in range(3) for j in range(i + 1, 3)
    )
    return np.where(inversions % 2 == 0, 1.0, -1.0)


def transverse_polarisations(k: Array) -> Array:
    """Return two orthonormal polarisation vectors transverse to photons `k`; shapes (n, 4) -> (n, 2, 4)."""
    direction = k[:, :3] / k[:, 3:4]
    axis = np.zeros_like(direction)
    axis[np.arange(len(k)), np.argmin(np.abs(direction), axis=1)] = 1.0
    first = np.cross(direction, axis)
    first /= np.linalg.norm(first, axis=1)[:, None]
    out = np.zeros((len(k), 2, 4))
    out[:, 0, :3] = first
    out[:, 1, :3] = np.cross(direction, first)
    return out


def four_lepton(
    p4: Array,
    sqrt_s_gev: Array,
    masses_gev: tuple[float, float, float],
    pairings: NDArray[np.int_],
    include: NDArray[np.bool_] | None = None,
    *,
    beam_helicity_flip: bool = True,
) -> Array:
    """Squared amplitude of e+e- -> f-f+F-F+, averaged over beam spins and summed over final ones, in GeV^-4.

    Parameters
    ----------
    p4
        (f-, f+, F-, F+) in the centre of mass with the electron beam along +z, shape (n, 4, 4).
    sqrt_s_gev
        Shape (n,).
    masses_gev
        Masses of the beam, f and F.
    pairings
        `ANNIHILATION`, `WITH_SCATTERING`, `WITH_EXCHANGE` or `ALL_PAIRINGS`.
    include
        Groups of diagrams by (pairing, line in the middle), shape (len(pairings), 3); all by default.
    beam_helicity_flip
        Keep beams of equal helicity, which annihilation into heavier particles suppresses by (m_e/E)^2.

    Returns
    -------
    Array
        Shape (n,); no factor for identical particles.
    """
    chosen = np.ones((len(pairings), 3), np.bool_) if include is None else include
    out = np.empty(len(p4))
    none = np.empty((0, 2, 4))
    masses = np.array(masses_gev)
    spin_sums(p4, sqrt_s_gev, masses, pairings, _signs(pairings), chosen, beam_helicity_flip, none, out)
    return CHARGE2**4 * out


def radiative(
    p4: Array,
    sqrt_s_gev: Array,
    masses_gev: tuple[float, float],
    pairings: NDArray[np.int_],
    include: NDArray[np.bool_] | None = None,
    *,
    polarisations: Array | None = None,
) -> Array:
    """Squared amplitude of e+e- -> f-f+γ, averaged over beam spins and summed over final ones, in GeV^-2.

    Parameters
    ----------
    p4
        (f-, f+, γ) in the centre of mass with the electron beam along +z, shape (n, 3, 4).
    sqrt_s_gev
        Shape (n,).
    masses_gev
        Masses of the beam and f.
    pairings
        `ANNIHILATION`, or `WITH_SCATTERING` if f is the electron.
    include
        Groups of diagrams by (pairing, line that radiates), shape (len(pairings), 3); all by default. With
        `ANNIHILATION`, line 0 is initial and line 1 final state radiation.
    polarisations
        Polarisation vectors, shape (n, 2, 4); two transverse ones by default.
    """
    chosen = np.ones((len(pairings), 3), np.bool_) if include is None else include
    vectors = transverse_polarisations(p4[:, 2]) if polarisations is None else polarisations
    out = np.empty(len(p4))
    masses = np.array([*masses_gev, 0.0])
    spin_sums(p4, sqrt_s_gev, masses, pairings, _signs(pairings), chosen, True, vectors, out)
    return CHARGE2**3 * out

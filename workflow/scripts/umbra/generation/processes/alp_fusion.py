"""Photon fusion e+e- → e+e-a: the exact two-photon amplitude with the electron mass.

With q_i = p_i - p_i', t_i = q_i², P_i = p_i + p_i' and G the Gram determinants,

    Σ|M|² = 4 e⁴ g²/(t1 t2)² [ε(P1,P2,q1,q2)² - t1 G(P2,q1,q2) - t2 G(P1,q1,q2) + 2 t1 t2 ((q1·q2)² - t1 t2)].

The annihilation diagram (γ* → γ*a, γ* → e+e-) is not part of it; it is what `gamma_alp` with an internal
conversion gives.
"""

import numpy as np

from umbra.core.constants import ALPHA, ELECTRON, ELECTRON_MASS_GEV, GEV2_PB
from umbra.core.kinematics import Array, circle, dot, two_body_momentum
from umbra.core.particles import ALP
from umbra.generation.processes import cuts as cut_rules
from umbra.generation.processes.catalogue.alp_fusion import ALP_FUSION
from umbra.generation.processes.cuts import Cuts
from umbra.generation.processes.process import Parameters, Process

_MASS2 = ELECTRON_MASS_GEV**2


class ALPFusion(Process):
    """e+e- → e+e-a.

    The phase space is e- plus a system Y of mass² s2, then Y → e+ a, with ln(s2 - m_e²), ln t1 and ln t2
    uniform: the momentum transfers are drawn and kept, because differences of momenta lose them.
    """

    entry = ALP_FUSION
    dimensions = 5

    def final_state(self, parameters: Parameters) -> tuple[int, ...]:
        """Electron, positron, ALP."""
        return (ELECTRON, -ELECTRON, ALP)

    def other_masses_gev(self) -> float:
        """Both electrons."""
        return 2.0 * ELECTRON_MASS_GEV

    def evaluate(
        self, x: Array, sqrt_s_gev: Array, parameters: Parameters, cuts: Cuts
    ) -> tuple[Array, Array]:
        """See `Process.evaluate`."""
        mass = parameters["mass_gev"]
        is_open = sqrt_s_gev > mass + 2.0 * ELECTRON_MASS_GEV
        # Closed channels are moved above threshold to keep the arithmetic finite; their weight is zero.
        sqrt_s = np.where(is_open, sqrt_s_gev, 2.0 * mass + 1.0)
        s = sqrt_s**2
        beam = np.sqrt(s / 4.0 - _MASS2)

        low2 = mass * (mass + 2.0 * ELECTRON_MASS_GEV)
        high2 = sqrt_s * (sqrt_s - 2.0 * ELECTRON_MASS_GEV)
        log2 = np.log(high2 / low2)
        excess = low2 * np.exp(log2 * x[:, 0])  # s2 - m_e²
        y_mass = np.sqrt(excess + _MASS2)

        out1 = two_body_momentum(sqrt_s, ELECTRON_MASS_GEV, y_mass)
        t1, near1, weight1 = _transfer(x[:, 1], sqrt_s / 2.0, beam, out1, excess / (2.0 * sqrt_s))
        electron = _direction(out1, near1, 2.0 * np.pi * x[:, 2])

        p4 = np.empty((len(s), 3, 4))
        p4[:, 0, :3] = electron
        p4[:, 0, 3] = np.hypot(out1, ELECTRON_MASS_GEV)
        y_total = np.empty((len(s), 4))
        y_total[:, :3] = -electron
        y_total[:, 3] = sqrt_s - p4[:, 0, 3]

        # In the rest frame of Y the incoming positron has this momentum, the outgoing one that.
        energy_in = (excess + 2.0 * _MASS2 - t1) / (2.0 * y_mass)
        incoming = np.sqrt((energy_in - ELECTRON_MASS_GEV) * (energy_in + ELECTRON_MASS_GEV))
        out2 = two_body_momentum(y_mass, ELECTRON_MASS_GEV, mass)
        lost = (mass**2 - t1) / (2.0 * y_mass)
        t2, near2, weight2 = _transfer(x[:, 3], energy_in, incoming, out2, lost)
        positron_beam = np.zeros((len(s), 4))
        positron_beam[:, 2], positron_beam[:, 3] = -beam, sqrt_s / 2.0
        p4[:, 1] = _scattered(positron_beam, y_total, y_mass, out2, near2, 2.0 * np.pi * x[:, 4])
        p4[:, 2] = y_total - p4[:, 1]

        # dΦ₃ = ds2/(2π) · dt1/(8π √s 2 beam) · dt2/(8π m_Y 2 incoming), both azimuths averaged.
        phase_space = excess * log2 / (2.0 * np.pi)
        phase_space *= weight1 / (16.0 * np.pi * sqrt_s * beam) * weight2 / (16.0 * np.pi * y_mass * incoming)
        squared = _squared(p4, sqrt_s, beam, excess, t1, t2, mass) * parameters["coupling"] ** 2
        weight = GEV2_PB / (4.0 * sqrt_s * beam) * squared * phase_space
        accepted = is_open
        if cuts:
            accepted = accepted & cut_rules.passes(p4, self.final_state(parameters), cuts)
        return p4, np.where(accepted, weight, 0.0)


def _transfer(
    uniform: Array, energy: Array, momentum_in: Array, momentum_out: Array, lost: Array
) -> tuple[Array, Array, Array]:
    """Draw the momentum transfer of an electron logarithmically.

    Parameters
    ----------
    uniform
        Random numbers.
    energy, momentum_in, momentum_out
        Of the electron, in the frame where it scatters off the other particle.
    lost
        Energy that it loses in that frame, given itself because the difference would cancel.

    Returns
    -------
    t, near, weight
        The transfer (negative), (1-cosθ)/2 of the scattering, and |dt| over the random number.
    """
    energy_out = energy - lost
    # t = 2m² - 2(E E' - p p'cosθ); for cosθ = 1 use (E E' - m²)² - (p p')² = m² (E - E')².
    least = 2.0 * _MASS2 * lost**2 / (energy * energy_out - _MASS2 + momentum_in * momentum_out)
    width = 4.0 * momentum_in * momentum_out
    log = np.log1p(width / least)
    size = least * np.exp(uniform * log)
    return -size, np.clip((size - least) / width, 0.0, 1.0), size * log


def _direction(size: Array, near: Array, phi: Array) -> Array:
    """Three-momentum at a polar angle of (1-cosθ)/2 = `near` from the z axis."""
    sine = 2.0 * np.sqrt(near * (1.0 - near))
    cos_phi, sin_phi = circle(phi)
    return np.stack([size * sine * cos_phi, size * sine * sin_phi, size * (1.0 - 2.0 * near)], axis=1)


def _scattered(beam: Array, frame: Array, mass: Array, size: Array, near: Array, phi: Array) -> Array:
    """Electron that leaves at a given angle from the beam in the rest frame of `frame`, boosted back."""
    velocity_gamma = frame[:, :3] / mass[:, None]
    gamma = frame[:, 3] / mass

    def boosted(p: Array, sign: float) -> Array:
        projection = (velocity_gamma * p[:, :3]).sum(axis=1)
        out = np.empty_like(p)
        factor = projection / (1.0 + gamma) + sign * p[:, 3]
        out[:, :3] = p[:, :3] + factor[:, None] * velocity_gamma
        out[:, 3] = gamma * p[:, 3] + sign * projection
        return out

    axis = boosted(beam, -1.0)[:, :3]
    axis /= np.sqrt((axis**2).sum(axis=1))[:, None]
    # Two directions across; the axis is never along x but for a set of events of measure zero.
    first = np.zeros_like(axis)
    first[:, 0] = 1.0
    first -= axis * axis[:, :1]
    first /= np.sqrt((first**2).sum(axis=1))[:, None]
    second = np.cross(axis, first)
    local = _direction(size, near, phi)
    p4 = np.empty((len(axis), 4))
    p4[:, :3] = local[:, :1] * first + local[:, 1:2] * second + local[:, 2:] * axis
    p4[:, 3] = np.hypot(size, ELECTRON_MASS_GEV)
    return boosted(p4, 1.0)


def _squared(
    p4: Array, sqrt_s: Array, beam: Array, excess: Array, t1: Array, t2: Array, mass: float
) -> Array:
    """Spin-averaged matrix element squared at unit coupling, in GeV⁻²·GeV²."""
    photons = 0.5 * (mass**2 - t1 - t2)  # q1·q2
    p2_q1 = 0.5 * (excess - t1)
    incoming = np.zeros((len(p4), 4))
    incoming[:, 2], incoming[:, 3] = beam, sqrt_s / 2.0
    mirrored = incoming * np.array([1.0, 1.0, -1.0, 1.0])
    p1_q2 = dot(incoming, mirrored) - dot(incoming, p4[:, 1])
    # ε(P1,P2,q1,q2) = 4 ε(p1,p2,q1,q2), and both p1 and p2 lie along z.
    area = p4[:, 0, 0] * p4[:, 1, 1] - p4[:, 0, 1] * p4[:, 1, 0]
    levi_civita2 = (4.0 * sqrt_s * beam * area) ** 2

    def gram(own: Array, other: Array, cross: Array) -> Array:
        # G(P,q,q') = 4 G(p,q,q') with p·q = own/2 and p·q' = cross.
        pair = own * other - photons**2
        return 4.0 * (_MASS2 * pair - 0.25 * own**2 * other + own * cross * (photons - cross))

    bracket = levi_civita2 - t1 * gram(t2, t1, p2_q1) - t2 * gram(t1, t2, p1_q2)
    bracket += 2.0 * t1 * t2 * (photons**2 - t1 * t2)
    return np.asarray((4.0 * np.pi * ALPHA) ** 2 / (t1 * t2) ** 2 * bracket)

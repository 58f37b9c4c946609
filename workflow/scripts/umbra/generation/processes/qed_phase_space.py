"""Multi-channel phase space of radiative and four-lepton final states.

One random number picks a channel: a way to build the event from two-body splittings whose masses and angles
follow one set of propagators. The weight of an event is the inverse of the density summed over all channels,
so that no peak is left to an adaptive integrator. With dΦ_n the phase space in the convention of the Particle
Data Group (kinematics review), a splitting contributes Φ2 = p/(4πM) dΩ/4π and each intermediate mass dM²/2π.

Angles near an axis are carried as 1 - cosθ, and small invariants are computed without cancellation: momentum
transfers of lost electrons are of the order m_e² x², down to 1e-12 GeV².

One file, although a long one: kept machine code is current when the file of a kernel is, so that kernels and what they
call stay together (`umbra.core.compilation`).
"""

# Elements of arrays, which compiled functions return, have no type for mypy.
# mypy: warn-return-any=False

import numpy as np
from numpy.typing import NDArray

from umbra.core.compilation import compiled
from umbra.core.kinematics import Array


@compiled
def _momentum(m2: float, m2_a: float, m2_b: float) -> float:
    """Momentum of the daughters in the rest frame; arguments are squared masses."""
    a, b = np.sqrt(m2_a), np.sqrt(m2_b)
    return np.sqrt(max((m2 - (a + b) ** 2) * (m2 - (a - b) ** 2), 0.0) / (4.0 * m2))


@compiled
def _product(a: Array, b: Array) -> float:
    return a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2]


@compiled
def _size(p: Array) -> float:
    return np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2)


@compiled
def _lag(p: Array, side: float) -> float:
    """1 - cosθ to the z axis (side +1) or its opposite (side -1), exact at small angles."""
    total = _size(p)
    along = side * p[2]
    if along > 0.0:
        return (p[0] ** 2 + p[1] ** 2) / (total * (total + along))
    return 1.0 - along / total


@compiled
def _near_product(p: Array, m2: float, k: Array) -> float:
    """Invariant product of a massive p and a massless k, exact when they are collinear."""
    size = _size(p)
    parallel = p[0] * k[0] + p[1] * k[1] + p[2] * k[2]
    if parallel <= 0.0:
        return p[3] * k[3] - parallel
    x = p[1] * k[2] - p[2] * k[1]
    y = p[2] * k[0] - p[0] * k[2]
    z = p[0] * k[1] - p[1] * k[0]
    return k[3] * m2 / (p[3] + size) + (x * x + y * y + z * z) / (size * k[3] + parallel)


@compiled
def _boost(v: Array, frame: Array, mass: float, sign: float, out: Array) -> None:
    """Boost v into (sign -1) or out of (sign +1) the rest frame of `frame`."""
    along = sign * (frame[0] * v[0] + frame[1] * v[1] + frame[2] * v[2])
    energy = (frame[3] * v[3] + along) / mass
    factor = sign * (v[3] + energy) / (frame[3] + mass)
    for i in range(3):
        out[i] = v[i] + factor * frame[i]
    out[3] = energy


@compiled
def _split(
    parent: Array,
    m2: float,
    m2_a: float,
    m2_b: float,
    axis: Array,
    lag: float,
    phi: float,
    first: Array,
    second: Array,
) -> None:
    """Decay `parent` so that `first` has 1 - cosθ = lag to `axis` in the rest frame."""
    mass = np.sqrt(m2)
    p = _momentum(m2, m2_a, m2_b)
    size = _size(axis)
    x, y, z = axis[0] / size, axis[1] / size, axis[2] / size
    # An orthonormal basis without a singular direction (Duff et al., JCGT 6 (2017) 1).
    sign = 1.0 if z >= 0.0 else -1.0
    a = -1.0 / (sign + z)
    b = x * y * a
    cos_theta = 1.0 - lag
    sin_theta = np.sqrt(max(lag * (2.0 - lag), 0.0))
    u, v = sin_theta * np.cos(phi), sin_theta * np.sin(phi)
    rest = np.empty(4)
    rest[0] = p * (u * (1.0 + sign * x * x * a) + v * b + cos_theta * x)
    rest[1] = p * (u * sign * b + v * (sign + y * y * a) + cos_theta * y)
    rest[2] = p * (-u * sign * x - v * y + cos_theta * z)
    rest[3] = np.sqrt(p * p + m2_a)
    _boost(rest, parent, mass, 1.0, first)
    for i in range(3):
        rest[i] = -rest[i]
    rest[3] = np.sqrt(p * p + m2_b)
    _boost(rest, parent, mass, 1.0, second)


@compiled
def _two_body(m2: float, m2_a: float, m2_b: float) -> float:
    """Two-body phase space, integrated over angles."""
    return _momentum(m2, m2_a, m2_b) / (4.0 * np.pi * np.sqrt(m2))


@compiled
def _draw_pole(u: float, gap: float, low: float, high: float) -> float:
    """Draw w in [low, high] with density 1/(gap + w)."""
    return (gap + low) * ((gap + high) / (gap + low)) ** u - gap


@compiled
def _draw_two_poles(u: float, excess: float, reach: float) -> float:
    """Draw 1 - c with density 1/(a² - c²) in |c| < a tanh(reach), where excess = a² - 1."""
    a = np.sqrt(1.0 + excess)
    # c = a tanh(y); 1 - c in a form that keeps its precision near c = 1.
    y = reach * (2.0 * u - 1.0)
    t = np.exp(-2.0 * abs(y))
    near = (2.0 * t - excess / (a + 1.0) * (1.0 - t)) / (1.0 + t)
    return near if y > 0.0 else 2.0 - near


@compiled
def _reach(excess: float) -> float:
    """Artanh(1/a) with a² = 1 + excess: the reach of |c| < 1."""
    a = np.sqrt(1.0 + excess)
    return 0.5 * np.log((a + 1.0) ** 2 / excess)


@compiled
def _two_poles_density(excess: float, sin2: float, reach: float) -> float:
    """Density in c/2 of `_draw_two_poles`, where sin2 = 1 - c²."""
    return np.sqrt(1.0 + excess) / ((excess + sin2) * reach)


# Three bodies: f-(q1) f+(q2) γ(k)
#
# Channels 0-2: photon along the beams, pair isotropic (initial state radiation).
# Channels 3-5: photon isotropic, fermions along the photon (final state radiation).
# Channels 6-9: photon along the beams, electron (6, 7) or positron (8, 9) with a small momentum transfer.
# Channels 10-13: virtual Compton scattering; positron (10, 11) or electron (12, 13) with a small momentum
# transfer, the photon along the other beam (10, 12) or soft (11, 13).
#
# The pair's mass squared s' follows 1/s' (0, 3) or 1/(s - s') (1, 4, 6, 8), or its root is uniform (2, 5, 7,
# 9). Channels 6-13 suppose that the fermions have the mass of the beams.

#: Number of channels without and with scattering of the beams.
RADIATIVE_CHANNELS = (6, 14)


@compiled
def _mass_rule(channel: int) -> int:
    return channel % 3 if channel < 6 else 1 + channel % 2


@compiled
def _draw_mass(rule: int, u: float, s: float, low: float, high: float) -> float:
    if rule == 0:
        return low * (high / low) ** u
    if rule == 1:
        return s - (s - low) * ((s - high) / (s - low)) ** u
    return (np.sqrt(low) + u * (np.sqrt(high) - np.sqrt(low))) ** 2


@compiled
def _mass_density(rule: int, s_pair: float, s: float, low: float, high: float) -> float:
    if rule == 0:
        return 1.0 / (s_pair * np.log(high / low))
    if rule == 1:
        return 1.0 / ((s - s_pair) * np.log((s - low) / (s - high)))
    return 0.5 / (np.sqrt(s_pair) * (np.sqrt(high) - np.sqrt(low)))


@compiled
def radiative_points(
    x: Array, sqrt_s: Array, masses: Array, limits: Array, shares: Array, p4: Array, volume: Array
) -> None:
    """Fill momenta (f-, f+, γ) and the phase-space volume that each event stands for.

    Parameters
    ----------
    x
        Random numbers, shape (n, 6): channel, mass, two polar and two azimuthal angles.
    sqrt_s
        Shape (n,).
    masses
        Beam and fermion mass.
    limits
        Lowest and highest photon energy, pair mass, cosine of the photon and of both fermions, then the
        cosine that spectators keep to their beam in channels 10-13 and the sine of the least angle between
        photon and fermions; shape (5, 2).
    shares
        Probability of each channel; see `RADIATIVE_CHANNELS`.
    p4, volume
        Filled; shapes (n, 3, 4) and (n,). Volume zero outside the limits.
    """
    beam2, m2 = masses[0] ** 2, masses[1] ** 2
    p1, p2 = np.zeros(4), np.zeros(4)
    pair, total, axis = np.zeros(4), np.zeros(4), np.zeros(4)
    z_axis = np.array([0.0, 0.0, 1.0, 0.0])
    k_low, k_high = limits[0]
    c_low, c_high = limits[2]
    f_low, f_high = limits[3]
    lost, apart = limits[4]
    for n in range(len(volume)):
        volume[n] = 0.0
        p4[n] = 0.0
        root = sqrt_s[n]
        s = root * root
        energy = 0.5 * root
        low = max(4.0 * m2, limits[1, 0] ** 2, s - 2.0 * root * k_high)
        high = min(s - 2.0 * root * k_low, limits[1, 1] ** 2)
        if low >= high:
            continue
        beam = np.sqrt(energy * energy - beam2)
        p1[2], p1[3] = beam, energy
        p2[2], p2[3] = -beam, energy
        total[3] = root
        q1, q2, k = p4[n, 0], p4[n, 1], p4[n, 2]

        channel = 0
        rest = x[n, 0] - shares[0]
        while rest >= 0.0 and channel < len(shares) - 1:
            channel += 1
            rest -= shares[channel]
        beta2 = 1.0 - beam2 / energy**2
        beta = np.sqrt(beta2)
        y_low, y_high = np.arctanh(beta * c_low), np.arctanh(beta * c_high)
        phi, phi_pair = 2.0 * np.pi * x[n, 4], 2.0 * np.pi * x[n, 5]
        if channel < 10:
            s_pair = _draw_mass(_mass_rule(channel), x[n, 1], s, low, high)
            if 3 <= channel < 6:
                c = c_low + x[n, 2] * (c_high - c_low)
            else:
                c = np.tanh(y_low + x[n, 2] * (y_high - y_low)) / beta
            k[3] = (s - s_pair) / (2.0 * root)
            k[2] = k[3] * c
            side = k[3] * np.sqrt(max(1.0 - c * c, 0.0))
            k[0], k[1] = side * np.cos(phi), side * np.sin(phi)
            for i in range(3):
                pair[i] = -k[i]
            pair[3] = root - k[3]
            if channel < 3:
                _split(pair, s_pair, m2, m2, z_axis, 2.0 * x[n, 3], phi_pair, q1, q2)
            elif channel < 6:
                _boost(k, pair, np.sqrt(s_pair), -1.0, axis)
                excess = 1.0 / (1.0 - 4.0 * m2 / s_pair) - 1.0
                _split(
                    pair,
                    s_pair,
                    m2,
                    m2,
                    axis,
                    _draw_two_poles(x[n, 3], excess, _reach(excess)),
                    phi_pair,
                    q1,
                    q2,
                )
            else:
                own, other = (p1, p2) if channel < 8 else (p2, p1)
                gap = _pair_gap(own, other, k, pair, s_pair, beam2)[0]
                _boost(own, pair, np.sqrt(s_pair), -1.0, axis)
                lag = _draw_pole(x[n, 3], gap, 0.0, 2.0)
                if channel < 8:
                    _split(pair, s_pair, m2, m2, axis, lag, phi_pair, q1, q2)
                else:
                    _split(pair, s_pair, m2, m2, axis, lag, phi_pair, q2, q1)
        else:
            spectator, active, own, other = (q2, q1, p2, p1) if channel < 12 else (q1, q2, p1, p2)
            y_min = _least_y(k_low, masses[1], root, apart)
            y_max = (root - masses[1]) ** 2 - m2
            y = y_min * (y_max / y_min) ** x[n, 1]
            near, slope = _transfer(s, beam2, y)
            lag_low, lag_high = _lag_range(f_low, f_high, lost, -1.0 if channel < 12 else 1.0)
            if lag_low >= lag_high:
                continue
            lag = _draw_pole(x[n, 2], near / slope, lag_low, lag_high)
            _split(total, s, m2, m2 + y, own, lag, phi, spectator, pair)
            _boost(other, pair, np.sqrt(m2 + y), -1.0, axis)
            if channel % 2 == 0:
                side = 1.0 if channel < 12 else -1.0
                gap, least = _beam_gap(
                    _size(axis), axis[3], y, m2, _least_beam(p1, beam2, k_low, c_low, c_high, side)
                )
                if least >= 2.0:
                    continue
                _split(pair, m2 + y, 0.0, m2, axis, _draw_pole(x[n, 3], gap, least, 2.0), phi_pair, k, active)
            else:
                gap, least = _soft_gap(pair, y, m2, k_low)
                if least >= 2.0:
                    continue
                lag = 2.0 - _draw_pole(x[n, 3], gap, least, 2.0)
                _split(pair, m2 + y, 0.0, m2, pair, lag, phi_pair, k, active)

        s_pair = s - 2.0 * root * k[3]
        c = k[2] / k[3]
        if not (low <= s_pair <= high and c_low <= c <= c_high):
            continue
        if (f_low > -1.0 or f_high < 1.0) and not (
            f_low <= q1[2] / _size(q1) <= f_high and f_low <= q2[2] / _size(q2) <= f_high
        ):
            continue
        # Densities of the channels that emit a photon and a pair.
        y1, y2 = _near_product(q1, m2, k), _near_product(q2, m2, k)
        sin2 = (k[0] ** 2 + k[1] ** 2) / k[3] ** 2
        flat = 2.0 / (c_high - c_low)
        along = 2.0 * beta / ((sin2 + (1.0 - beta2) * c * c) * (y_high - y_low))
        excess = 1.0 / (1.0 - 4.0 * m2 / s_pair) - 1.0
        # a² - c² with a = 1/β and y1, y2 proportional to 1 ∓ βc.
        two_poles = 4.0 * y1 * y2 / (y1 + y2) ** 2 * (1.0 + excess) - excess
        radiated = _two_poles_density(excess, two_poles, _reach(excess))
        base = 2.0 * np.pi / (_two_body(s, s_pair, 0.0) * _two_body(s_pair, m2, m2))
        density = 0.0
        for i in range(6):
            angles = along if i < 3 else flat * radiated
            density += shares[i] * base * _mass_density(_mass_rule(i), s_pair, s, low, high) * angles
        if len(shares) > 6:
            for i in range(3):
                pair[i] = q1[i] + q2[i]
            pair[3] = q1[3] + q2[3]
            t1, t2 = _lost(p1, q1, beam2, 1.0), _lost(p2, q2, beam2, -1.0)
            for i in range(6, 10):
                own, other, t = (p1, p2, t1) if i < 8 else (p2, p1, t2)
                gap, slope = _pair_gap(own, other, k, pair, s_pair, beam2)
                scattered = 2.0 * slope / (t * np.log1p(2.0 / gap))
                mass = _mass_density(_mass_rule(i), s_pair, s, low, high)
                density += shares[i] * base * mass * along * scattered
            for i in range(10, 14, 2):
                active, other, t, half = (q1, p1, t2, y1) if i < 12 else (q2, p2, t1, y2)
                side = -1.0 if i < 12 else 1.0
                y = 2.0 * half
                y_min = _least_y(k_low, masses[1], root, apart)
                y_max = (root - masses[1]) ** 2 - m2
                near, slope = _transfer(s, beam2, y)
                lag_low, lag_high = _lag_range(f_low, f_high, lost, side)
                if y < y_min or not (near + slope * lag_low <= t <= near + slope * lag_high):
                    continue
                base_i = 2.0 * np.pi / (_two_body(s, m2 + y, m2) * _two_body(m2 + y, m2, 0.0))
                base_i *= 1.0 / (y * np.log(y_max / y_min))
                base_i *= 2.0 * slope / (t * np.log((near + slope * lag_high) / (near + slope * lag_low)))
                for j in range(4):
                    pair[j] = active[j] + k[j]
                mass = np.sqrt(m2 + y)
                k_rest = y / (2.0 * mass)
                energy_rest = _product(other, pair) / mass
                size = np.sqrt(max(energy_rest**2 - beam2, 0.0))
                gap, least = _beam_gap(
                    size, energy_rest, y, m2, _least_beam(p1, beam2, k_low, c_low, c_high, -side)
                )
                if least < 2.0:
                    near_beam = _near_product(other, beam2, k) / (k_rest * size)
                    density += shares[i] * base_i * 2.0 / (near_beam * np.log((gap + 2.0) / (gap + least)))
                gap, least = _soft_gap(pair, y, m2, k_low)
                if least < 2.0:
                    soft = k[3] * mass / (k_rest * _size(pair))
                    density += shares[i + 1] * base_i * 2.0 / (soft * np.log((gap + 2.0) / (gap + least)))
        # Zero only where rounding carried an event over the very edge of all channels.
        if density > 0.0:
            volume[n] = 1.0 / density


@compiled
def _lost(p: Array, q: Array, m2: float, side: float) -> float:
    """-(p - q)² of a beam particle p and the same particle scattered, exact at small angles."""
    size = _size(q)
    beam = abs(p[2])
    forward = m2 * (p[3] - q[3]) ** 2 / (p[3] * q[3] - m2 + beam * size)
    return 2.0 * (forward + beam * size * _lag(q, side))


@compiled
def _transfer(s: float, m2: float, y: float) -> tuple[float, float]:
    """Return near and slope of -t = near + slope (1 - cosθ) when a beam scatters and leaves M² = m² + y."""
    p = np.sqrt(0.25 * s - m2)
    q = _momentum(s, m2, m2 + y)
    slope = 2.0 * p * q
    # Kibble's boundary: -t at cosθ = 1 times -t at cosθ = -1 is m² y²/s.
    far = np.sqrt(s) * np.sqrt(q * q + m2) - 2.0 * m2 + slope
    return m2 * y * y / (s * far), slope


@compiled
def _lag_range(low: float, high: float, lost: float, side: float) -> tuple[float, float]:
    """Turn limits on cosθ, and the least side * cosθ, into limits on 1 - side * cosθ."""
    if side > 0.0:
        return 1.0 - high, min(1.0 - low, 1.0 - lost)
    return 1.0 + low, min(1.0 + high, 1.0 - lost)


@compiled
def _least_y(k_low: float, mass: float, root: float, apart: float) -> float:
    """Lower bound of 2 q·k for a photon above k_low that keeps an angle of sine `apart` to the fermion."""
    return 2.0 * k_low * mass * max(mass / root, apart)


@compiled
def _least_beam(p1: Array, m2: float, k_low: float, c_low: float, c_high: float, side: float) -> float:
    """Lower bound of p·k for a photon within its limits and the beam along side * z."""
    lag = 1.0 - c_high if side > 0.0 else 1.0 + c_low
    return k_low * (m2 / (p1[3] + p1[2]) + p1[2] * lag)


@compiled
def _beam_gap(size: float, energy: float, y: float, m2: float, least: float) -> tuple[float, float]:
    """Pole of 1/(p·k) in 1 - cosθ for a beam of that momentum, and the 1 - cosθ that reaches `least`."""
    gap = m2 / (size * (energy + size))
    return gap, max(0.0, 2.0 * np.sqrt(m2 + y) * least / (y * size) - gap)


@compiled
def _pair_gap(
    own: Array, other: Array, k: Array, pair: Array, s_pair: float, m2: float
) -> tuple[float, float]:
    """Return gap and slope of -t = slope (gap + 1 - cosθ) when the pair's electron scatters off `own`."""
    energy = _product(own, pair) / np.sqrt(s_pair)
    q = np.sqrt(max(0.25 * s_pair - m2, 0.0))
    slope = 2.0 * np.sqrt(max(energy**2 - m2, 0.0)) * q
    far = energy * np.sqrt(s_pair) - 2.0 * m2 + slope
    return m2 * (2.0 * _near_product(other, m2, k)) ** 2 / (s_pair * far * slope), slope


@compiled
def _soft_gap(pair: Array, y: float, m2: float, k_low: float) -> tuple[float, float]:
    """Pole of 1/k in 1 + cosθ, and the least 1 + cosθ that reaches the energy k_low."""
    mass2 = m2 + y
    size = _size(pair)
    gap = mass2 / (size * (pair[3] + size))
    return gap, max(0.0, 2.0 * k_low * mass2 / (y * size) - gap)


# Four bodies: f-(0) f+(1) F-(2) F+(3)
#
# A channel is (kind, a, b, c, d) with the particles it puts in each role. PAIRS: masses of (ab) and (cd), the
# angle follows the propagator of e+e- → γ*γ*. CASCADE: b radiates the pair (cd), a recoils. COLLISION: a and
# b are the beams' scattered electron and positron, with small momentum transfers; the pair (cd) follows the
# propagators of γγ → cd. COMPTON: b is scattered with a small momentum transfer, a radiates the pair (cd)
# before or after its scattering. CENTRAL and above: COLLISION within a window that cuts on c and d and
# on the mass of (ab) leave if the beams go on at zero angle; most pairs are light and along the beams otherwise.

PAIRS, CASCADE, COLLISION, COMPTON, CENTRAL = 0, 1, 2, 3, 4


@compiled
def four_lepton_points(
    x: Array,
    sqrt_s: Array,
    beam_mass: float,
    masses: Array,
    low2: Array,
    high2: Array,
    windows: Array,
    channels: NDArray[np.int_],
    shares: Array,
    p4: Array,
    volume: Array,
) -> None:
    """Fill momenta (f-, f+, F-, F+) and the phase-space volume that each event stands for.

    Parameters
    ----------
    x
        Random numbers, shape (n, 9): channel, two masses, three polar angles each followed by its azimuth.
    sqrt_s
        Shape (n,).
    beam_mass, masses
        Of the beams, and of the four particles, shape (4,).
    low2, high2
        Lowest and highest mass squared of each pair of particle and antiparticle, shape (4, 4); the lowest is
        at least the threshold.
    windows
        Of channels of the kinds CENTRAL, CENTRAL + 1, ...: lowest and highest rapidity of c and d, and the share of
        s - high2[a, b] that the mass squared of the scattered beams must lack, shape (l, 3).
    channels, shares
        Channels, shape (k, 5), and their probabilities, shape (k,).
    p4, volume
        Filled; shapes (n, 4, 4) and (n,). Volume zero outside the limits.
    """
    beam2 = beam_mass**2
    beams = np.zeros((2, 4))
    z_axis = np.array([0.0, 0.0, 1.0, 0.0])
    total, rest, pair, other, axis = np.zeros(4), np.zeros(4), np.zeros(4), np.zeros(4), np.zeros(4)
    for n in range(len(volume)):
        volume[n] = 0.0
        p4[n] = 0.0
        root = sqrt_s[n]
        s = root * root
        if root <= masses[0] + masses[1] + masses[2] + masses[3]:
            continue
        beams[0, 2], beams[0, 3] = np.sqrt(0.25 * s - beam2), 0.5 * root
        beams[1, 2], beams[1, 3] = -beams[0, 2], 0.5 * root
        total[3] = root
        chosen = 0
        left = x[n, 0] - shares[0]
        while left >= 0.0 and chosen < len(shares) - 1:
            chosen += 1
            left -= shares[chosen]
        kind, a, b, c, d = channels[chosen]
        a2, b2, c2, d2 = masses[a] ** 2, masses[b] ** 2, masses[c] ** 2, masses[d] ** 2
        first, second = 2.0 * np.pi * x[n, 4], 2.0 * np.pi * x[n, 6]
        third = 2.0 * np.pi * x[n, 8]

        low, high = _pair_range(kind, a, b, c, d, root, masses, low2, high2, windows)
        if low >= high:
            continue
        pair2 = _draw_pair(kind, x[n, 1], low, high)
        if kind == PAIRS:
            low, high = low2[a, b], min(high2[a, b], (root - np.sqrt(pair2)) ** 2)
            if low >= high:
                continue
            other2 = low * (high / low) ** x[n, 2]
            excess = _conversion_excess(s, beam2, pair2, other2)
            lag = _draw_two_poles(x[n, 3], excess, _reach(excess))
            _split(total, s, other2, pair2, z_axis, lag, first, other, pair)
            _split(other, other2, a2, b2, z_axis, 2.0 * x[n, 5], second, p4[n, a], p4[n, b])
            _split(pair, pair2, c2, d2, z_axis, 2.0 * x[n, 7], third, p4[n, c], p4[n, d])
        elif kind == CASCADE:
            low, high = _radiator_range(root, a2, b2, pair2)
            y = low * (high / low) ** x[n, 2]
            _split(total, s, a2, b2 + y, z_axis, 2.0 * x[n, 3], first, p4[n, a], rest)
            _split(rest, b2 + y, b2, pair2, z_axis, 2.0 * x[n, 5], second, p4[n, b], pair)
            _split(pair, pair2, c2, d2, z_axis, 2.0 * x[n, 7], third, p4[n, c], p4[n, d])
        elif kind == COLLISION or kind >= CENTRAL:
            low, high = _radiator_range(root, a2, b2, pair2)
            widest = np.inf
            if kind == COLLISION:
                rest2 = (low + b2) * ((high + b2) / (low + b2)) ** x[n, 2]
            else:
                window = windows[kind - CENTRAL]
                bounds = _central_range(root, pair2, low + b2, high + b2, high2[a, b], window)
                if bounds[1] + bounds[3] <= 0.0:
                    continue
                rapidity = _draw_central(x[n, 2], bounds)
                rest2 = root * np.sqrt(pair2) * np.exp(rapidity)
                widest = min(rapidity - window[0], window[1] - rapidity)
            near, slope = _transfer(s, beam2, rest2 - beam2)
            lag = _draw_pole(x[n, 3], near / slope, 0.0, 2.0)
            _split(total, s, a2, rest2, beams[0], lag, first, p4[n, a], rest)
            t1 = near + slope * lag
            near, slope = _second_transfer(beams[1], rest, rest2, pair2, t1, beam2)
            lag = _draw_pole(x[n, 5], near / slope, 0.0, 2.0)
            _boost(beams[1], rest, np.sqrt(rest2), -1.0, axis)
            _split(rest, rest2, b2, pair2, axis, lag, second, p4[n, b], pair)
            t2 = near + slope * lag
            for i in range(4):
                other[i] = beams[0, i] - p4[n, a, i]
            _boost(other, pair, np.sqrt(pair2), -1.0, axis)
            excess = _fusion(pair2, t1, t2, c2)[0]
            lag = _draw_two_poles(x[n, 7], excess, min(_reach(excess), widest))
            _split(pair, pair2, c2, d2, axis, lag, third, p4[n, c], p4[n, d])
        else:
            low, high = _radiator_range(root, b2, a2, pair2)
            y = low * (high / low) ** x[n, 2]
            near, slope = _transfer(s, beam2, a2 + y - beam2)
            lag = _draw_pole(x[n, 3], near / slope, 0.0, 2.0)
            _split(total, s, b2, a2 + y, beams[b % 2], lag, first, p4[n, b], rest)
            gap = _compton_gap(beams[1 - b % 2], rest, a2 + y, pair2, a2)[0]
            _boost(beams[1 - b % 2], rest, np.sqrt(a2 + y), -1.0, axis)
            lag = _draw_pole(x[n, 5], gap, 0.0, 2.0)
            _split(rest, a2 + y, pair2, a2, axis, lag, second, pair, p4[n, a])
            _split(pair, pair2, c2, d2, z_axis, 2.0 * x[n, 7], third, p4[n, c], p4[n, d])

        if not _inside(p4[n], low2, high2):
            continue
        density = 0.0
        for i in range(len(shares)):
            density += shares[i] * _four_lepton_density(
                p4[n], root, beam2, beams, masses, low2, high2, windows, channels[i], rest, pair, other
            )
        # Zero only where rounding carried an event over the very edge of all channels.
        if density > 0.0:
            volume[n] = 1.0 / density


@compiled
def _four_lepton_density(
    q: Array,
    root: float,
    beam2: float,
    beams: Array,
    masses: Array,
    low2: Array,
    high2: Array,
    windows: Array,
    channel: NDArray[np.int_],
    rest: Array,
    pair: Array,
    other: Array,
) -> float:
    """Density of one channel in units of phase space; the last three arguments are work space."""
    kind, a, b, c, d = channel
    a2, b2, c2, d2 = masses[a] ** 2, masses[b] ** 2, masses[c] ** 2, masses[d] ** 2
    s = root * root
    for i in range(4):
        pair[i] = q[c, i] + q[d, i]
    pair2 = _pair_mass2(q[c], q[d], c2, d2)
    low, high = _pair_range(kind, a, b, c, d, root, masses, low2, high2, windows)
    if not low <= pair2 <= high:
        return 0.0
    result = (2.0 * np.pi) ** 2 / _two_body(pair2, c2, d2)
    result *= _pair_density(kind, pair2, low, high)
    if kind == PAIRS:
        for i in range(4):
            other[i] = q[a, i] + q[b, i]
        other2 = _pair_mass2(q[a], q[b], a2, b2)
        low, high = low2[a, b], min(high2[a, b], (root - np.sqrt(pair2)) ** 2)
        if not low <= other2 <= high:
            return 0.0
        sin2 = (pair[0] ** 2 + pair[1] ** 2) / (pair[0] ** 2 + pair[1] ** 2 + pair[2] ** 2)
        excess = _conversion_excess(s, beam2, pair2, other2)
        result *= _two_poles_density(excess, sin2, _reach(excess))
        return result / (
            other2 * np.log(high / low) * _two_body(s, other2, pair2) * _two_body(other2, a2, b2)
        )
    radiator = a if kind == COMPTON else b
    for i in range(4):
        rest[i] = pair[i] + q[radiator, i]
    r2 = masses[radiator] ** 2
    y = pair2 + 2.0 * _product(pair, q[radiator])
    rest2 = r2 + y
    low, high = _radiator_range(root, a2 if radiator == b else b2, r2, pair2)
    if not low <= y <= high:
        return 0.0
    recoil2 = a2 if radiator == b else b2
    result /= _two_body(s, rest2, recoil2) * _two_body(rest2, pair2, r2)
    if kind == CASCADE:
        return result / (y * np.log(high / low))
    if kind == COLLISION or kind >= CENTRAL:
        widest = np.inf
        if kind == COLLISION:
            result /= rest2 * np.log((high + r2) / (low + r2))
        else:
            window = windows[kind - CENTRAL]
            rapidity = np.log(rest2 / (root * np.sqrt(pair2)))
            bounds = _central_range(root, pair2, low + r2, high + r2, high2[a, b], window)
            if not _is_central(rapidity, bounds):
                return 0.0
            result /= rest2 * (bounds[1] + bounds[3])
            widest = min(rapidity - window[0], window[1] - rapidity)
        t1, t2 = _lost(beams[0], q[a], beam2, 1.0), _lost(beams[1], q[b], beam2, -1.0)
        near, slope = _transfer(s, beam2, rest2 - beam2)
        result *= 2.0 * slope / (t1 * np.log1p(2.0 * slope / near))
        near, slope = _second_transfer(beams[1], rest, rest2, pair2, t1, beam2)
        result *= 2.0 * slope / (t2 * np.log1p(2.0 * slope / near))
        for i in range(4):
            other[i] = beams[0, i] - q[a, i]
        excess, scale = _fusion(pair2, t1, t2, c2)
        poles = (t1 + 2.0 * _product(other, q[c])) * (t1 + 2.0 * _product(other, q[d]))
        sin2, reach = 4.0 * poles / scale - excess, _reach(excess)
        if widest < reach:
            if sin2 < 1.0 - (1.0 + excess) * np.tanh(widest) ** 2:
                return 0.0
            reach = widest
        return result * _two_poles_density(excess, sin2, reach)
    result /= y * np.log(high / low)
    side = 1.0 if b % 2 == 0 else -1.0
    near, slope = _transfer(s, beam2, rest2 - beam2)
    t = _lost(beams[b % 2], q[b], beam2, side)
    result *= 2.0 * slope / (t * np.log1p(2.0 * slope / near))
    gap, slope = _compton_gap(beams[1 - b % 2], rest, rest2, pair2, a2)
    pole = 2.0 * _product(beams[1 - b % 2], pair) - pair2
    return result * 2.0 * slope / (pole * np.log1p(2.0 / gap))


@compiled
def _pair_mass2(p: Array, q: Array, p2: float, q2: float) -> float:
    return p2 + q2 + 2.0 * _product(p, q)


@compiled
def _inside(q: Array, low2: Array, high2: Array) -> bool:
    for i in range(0, 4, 2):
        for j in range(1, 4, 2):
            mass2 = _product(q[i], q[i]) + _product(q[j], q[j]) + 2.0 * _product(q[i], q[j])
            if not low2[i, j] <= mass2 <= high2[i, j]:
                return False
    return True


@compiled
def _pair_range(
    kind: int,
    a: int,
    b: int,
    c: int,
    d: int,
    root: float,
    masses: Array,
    low2: Array,
    high2: Array,
    windows: Array,
) -> tuple[float, float]:
    """Limits of the mass squared of (cd)."""
    recoil = np.sqrt(low2[a, b]) if kind == PAIRS else masses[a] + masses[b]
    low, high = low2[c, d], min(high2[c, d], (root - recoil) ** 2)
    if kind >= CENTRAL:
        # Where 2 √s M cosh(y) = M² + missing at the highest rapidity.
        window = windows[kind - CENTRAL]
        farthest = root * np.cosh(max(-window[0], window[1]))
        missing = window[2] * max(root * root - high2[a, b], 0.0)
        low = max(low, (missing / (farthest + np.sqrt(max(farthest**2 - missing, 0.0)))) ** 2)
    return low, high


@compiled
def _central_range(
    root: float, pair2: float, low: float, high: float, other2: float, window: Array
) -> tuple[float, float, float, float]:
    """Rapidities of the pair for beams scattered at zero angle: start and length of a range, and of a second one.

    The rapidity is ln(M_rest²/(√s M)), with M_rest² in [low, high]; the mass squared of the scattered beams is
    s + M² - 2 √s M cosh(y), which stays below its limit where the last term is large enough.
    """
    scale = root * np.sqrt(pair2)
    bottom, top = max(window[0], np.log(low / scale)), min(window[1], np.log(high / scale))
    missing = window[2] * max(root * root - other2, 0.0)
    least = np.arccosh(max(1.0, (missing + pair2) / (2.0 * scale)))
    start = max(bottom, least)
    return bottom, max(min(top, -least) - bottom, 0.0), start, max(top - start, 0.0)


@compiled
def _draw_central(u: float, bounds: tuple[float, float, float, float]) -> float:
    """Draw uniformly in both ranges."""
    along = u * (bounds[1] + bounds[3])
    return bounds[0] + along if along < bounds[1] else bounds[2] + (along - bounds[1])


@compiled
def _is_central(rapidity: float, bounds: tuple[float, float, float, float]) -> bool:
    return 0.0 <= rapidity - bounds[0] <= bounds[1] or 0.0 <= rapidity - bounds[2] <= bounds[3]


@compiled
def _draw_pair(kind: int, u: float, low: float, high: float) -> float:
    """Draw a mass squared from 1/m⁴, as photon collisions have it, or 1/m²."""
    if kind == COLLISION:
        return low * high / (high - u * (high - low))
    return low * (high / low) ** u


@compiled
def _pair_density(kind: int, m2: float, low: float, high: float) -> float:
    """Density in the mass squared of `_draw_pair`."""
    if kind == COLLISION:
        return low * high / (m2**2 * (high - low))
    return 1.0 / (m2 * np.log(high / low))


@compiled
def _radiator_range(root: float, recoil2: float, m2: float, pair2: float) -> tuple[float, float]:
    """Limits of M² - m² of the radiator (mass m) with its pair."""
    return pair2 + 2.0 * np.sqrt(m2 * pair2), (root - np.sqrt(recoil2)) ** 2 - m2


@compiled
def _conversion_excess(s: float, beam2: float, pair2: float, other2: float) -> float:
    """a² - 1 of the propagator 1/(a² - c²) of e+e- → γ*γ*."""
    kallen = (s - pair2 - other2) ** 2 - 4.0 * pair2 * other2
    beta2 = 1.0 - 4.0 * beam2 / s
    return (4.0 * pair2 * other2 + (1.0 - beta2) * kallen) / (beta2 * kallen)


@compiled
def _second_transfer(
    own: Array, rest: Array, rest2: float, pair2: float, t1: float, m2: float
) -> tuple[float, float]:
    """Return near and slope of -t2 = near + slope (1 - cosθ) in the frame of own + q1, where q1² = -t1."""
    energy = _product(own, rest) / np.sqrt(rest2)
    q = _momentum(rest2, pair2, m2)
    slope = 2.0 * np.sqrt(max(energy * energy - m2, 0.0)) * q
    far = 2.0 * energy * np.sqrt(q * q + m2) - 2.0 * m2 + slope
    return m2 * (pair2 + t1) ** 2 / (rest2 * far), slope


@compiled
def _fusion(pair2: float, t1: float, t2: float, m2: float) -> tuple[float, float]:
    """a² - 1 of the propagators 1/(a² - c²) of γ*γ* → cd, and the scale of the poles' product."""
    total = pair2 + t1 + t2
    kallen = total * total - 4.0 * t1 * t2
    beta2 = 1.0 - 4.0 * m2 / pair2
    scale = beta2 * kallen
    return (4.0 * t1 * t2 + (1.0 - beta2) * kallen) / scale, scale


@compiled
def _compton_gap(own: Array, rest: Array, rest2: float, pair2: float, m2: float) -> tuple[float, float]:
    """Return gap and slope of 2 p·Q - Q² = slope (gap + 1 - cosθ) in the frame of `rest` = Q + electron."""
    energy = _product(own, rest) / np.sqrt(rest2)
    q = _momentum(rest2, pair2, m2)
    q_energy = np.sqrt(q * q + pair2)
    slope = 2.0 * np.sqrt(max(energy * energy - m2, 0.0)) * q
    far = 2.0 * energy * q_energy - pair2 + slope
    product = pair2 * (4.0 * energy * (energy - q_energy) + pair2 - 4.0 * m2) + 4.0 * m2 * q_energy**2
    return product / (far * slope), slope

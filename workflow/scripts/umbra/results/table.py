"""From limits on signal strengths to rows of `limits.csv`: yield, production and couplings."""

from collections.abc import Iterator, Sequence

from umbra.config.records import Channel, Interpretation
from umbra.inference.hypothesis import LimitedPoint
from umbra.results.limits import ERRORS, VALUES, LimitRow

#: Mean proper decay length in mm from which on a particle decays in no detector. No coupling fixes it, as of one that
#: decays to dark matter.
STABLE_MM = 1e12


def rows_of(channel: Channel, points: Sequence[LimitedPoint]) -> list[LimitRow]:
    """Rows of all points, interpretation by interpretation: the yield, the production and the couplings.

    Production is a cross-section in fb, or a branching fraction where the channel counts parents; without a coupling,
    what is seen of a cross-section. Where there are several lifetimes, none of them belongs to a limit on the coupling
    but that of a particle that does not decay (`STABLE_MM`): regions of the coupling that fixes its own lifetime are
    those of `umbra.results.islands`.

    Parameters
    ----------
    channel
        With `luminosity` and `interpretations`.
    points
        Of all blocks.
    """
    order = {each.name: i for i, each in enumerate(channel.interpretations)}
    ordered = sorted(points, key=lambda point: (order[point.interpretation], *point.point.place))
    return [row for point in ordered for row in _rows(channel, point)]


def tags(channel: Channel, interpretation: Interpretation) -> tuple[str | None, float | None]:
    """What tells the interpretations of a channel apart in tables: name and luminosity, where there are several."""
    several = len(channel.interpretations) > 1
    projected = any(each.luminosity_fb is not None for each in channel.interpretations)
    return (
        interpretation.name if several else None,
        channel.luminosity_fb(interpretation) if projected else None,
    )


def _rows(channel: Channel, point: LimitedPoint) -> Iterator[LimitRow]:
    interpretation = channel.interpretation(point.interpretation)
    coupling = interpretation.coupling
    model, luminosity_fb = tags(channel, interpretation)
    per_mu = point.coupling_power_per_mu
    scales = [
        ("yield", point.yield_per_mu, 1.0, 1.0),
        (point.production, point.production_per_mu, 1.0, 1.0),
    ]
    stable = point.lifetime_mm is None or point.lifetime_mm >= STABLE_MM
    if coupling is not None and per_mu is not None and stable:
        power = 1.0 / coupling.power
        scales.append((coupling.name, per_mu, power, 1.0))
        scales += [(other.name, per_mu, power * other.exponent, other.factor) for other in coupling.also]
    for quantity, scale, exponent, factor in scales:
        yield LimitRow(
            mass_gev=point.mass_gev,
            mass2_gev=point.mass2_gev,
            quantity=quantity,
            method=point.method,
            status=point.status,
            lifetime_mm=point.lifetime_mm,
            model=model,
            luminosity_fb=luminosity_fb,
            **_values(point, scale, exponent, factor),
            **_errors(point, scale, exponent, factor),
        )


def _values(point: LimitedPoint, scale: float, power: float, factor: float) -> dict[str, float | None]:
    return {
        name: None
        if strength is None or point.status != "converged"
        else factor * (strength * scale) ** power
        for name, strength in zip(VALUES, point.strengths, strict=True)
    }


def _errors(point: LimitedPoint, scale: float, power: float, factor: float) -> dict[str, float | None]:
    """Errors to first order: that of a power of the strength is `power` times as large, relative to its value."""
    values = _values(point, scale, power, factor)
    strengths = dict(zip(VALUES, point.strengths, strict=True))
    errors: dict[str, float | None] = dict.fromkeys(ERRORS)
    for name, limit in ERRORS.items():
        error, value, strength = getattr(point, name), values[limit], strengths[limit]
        if error is not None and value is not None and strength:
            errors[name] = value * power * error / strength
    return errors

"""What a channel says and nothing would hear: keys that its kind of fit does not read, samples that nothing uses."""

from collections.abc import Iterator
from typing import Any

from umbra.config.records import (
    Category,
    Channel,
    CountingFit,
    EllipseFit,
    Interpretation,
    PeakFit,
    TemplatesFit,
)
from umbra.core.errors import UmbraError
from umbra.core.records import Record, no_such

#: Keys of the file whose record has a longer name.
_LONGER = {
    "efficiency": "published_efficiency",
    "range": "variable_range",
    "peaking": "peaking_backgrounds",
    "smooth": "smooth_backgrounds",
}


def check(channel: Channel) -> None:
    """Check that all of a channel has an effect.

    Raises
    ------
    UmbraError
        For the first thing that has none, with its key and what does not use it.
    """
    _check_samples(channel)
    _check_named(channel)
    _check_plane(channel)
    for where, key in _unread(channel):
        raise UmbraError(f"{where}/{key}: a fit of the kind '{channel.fit.method}' does not use it")
    _check_lifetimes(channel)
    for each in channel.interpretations:
        fitted = {category.name: category for category in channel.categories_of(each)}
        where = f"{each.kind}s/{each.name}"
        for name in each.signals:
            if name not in fitted:
                raise UmbraError(f"{where}/signals/{name}: the category is none of those that it fits")
        if each.peaking_uncertainty != "free" and not any(c.peaking_backgrounds for c in fitted.values()):
            raise UmbraError(f"{where}/peaking_uncertainty: none of its categories has a peaking background")
    _check_limit(channel)
    _check_targets(channel)


def _check_samples(channel: Channel) -> None:
    used: set[str] = set()
    for each in channel.categories:
        used |= {each.signal, *each.other_signals, *each.backgrounds}
    for name in channel.samples:
        if name not in used:
            raise UmbraError(f"samples/{name}: no category uses it; null takes it away")


def _check_named(channel: Channel) -> None:
    """Refuse uncertainties of what is no background."""
    known = list(dict.fromkeys(name for each in channel.categories for name in each.backgrounds))
    for key, uncertainty in channel.systematics.named.items():
        for name in uncertainty.of:
            if name not in known:
                raise UmbraError(f"systematics/named/{key}/of: {no_such('background', name, known)}")


def _check_plane(channel: Channel) -> None:
    plane = isinstance(channel.fit, EllipseFit)
    if plane != (channel.masses.second is not None):
        raise UmbraError("fit/method: ellipse and masses/second need each other")
    if (channel.axes.mass2 is not None) != plane:
        raise UmbraError("search/second: a scan of two masses names its second particle, and only that")
    if plane and channel.lifetimes_mm:
        raise UmbraError("lifetimes_mm: not for a scan of two masses")
    for each in channel.interpretations:
        if plane and not isinstance(each.background_scale, float):
            raise UmbraError(f"{each.kind}s/{each.name}/background_scale: one number in a scan of two masses")
        if not plane and each.coupling is not None and each.coupling.benchmarks:
            raise UmbraError("limit/coupling/benchmarks: they are outlined in a scan of two masses only")
        if not plane and each.coupling is not None and each.coupling.holds is not None:
            raise UmbraError("limit/coupling/holds: it is asked in a scan of two masses only")
    for category in channel.categories:
        if plane != (category.variable2 is not None):
            raise UmbraError(
                f"categories/{category.name}/variable2: a scan of two masses needs it, and only that"
            )


def _unread(channel: Channel) -> Iterator[tuple[str, str]]:
    """Places and keys that are given and that the fit does not read."""
    fit = channel.fit
    parts: list[tuple[str, Category | Interpretation, Any]] = [
        (f"categories/{each.name}", each, fit.UNREAD_OF_CATEGORY) for each in channel.categories
    ]
    parts += [
        (f"{each.kind}s/{each.name}", each, fit.UNREAD_OF_INTERPRETATION) for each in channel.interpretations
    ]
    for where, part, unread in parts:
        yield from ((where, key) for key in unread if _is_given(part, _LONGER.get(key, key)))
    if isinstance(fit, PeakFit) and channel.systematics.background_relative != 0.0:
        yield "systematics", "background_relative"
    if not isinstance(fit, CountingFit | TemplatesFit) and channel.systematics.named:
        yield "systematics", "named"


def _is_given(part: Record, key: str) -> bool:
    return bool(getattr(part, key) != type(part).model_fields[key].default)


def _check_lifetimes(channel: Channel) -> None:
    if channel.lifetimes_mm:
        return
    for category in channel.categories:
        if category.shape_lifetime_mm is not None:
            raise UmbraError(f"categories/{category.name}/shape_lifetime_mm: the channel has no lifetimes_mm")


def _check_targets(channel: Channel) -> None:
    couplings = {each.name for reading in channel.interpretations for each in reading.couplings}
    if channel.axes.thermal_targets is not None and "y" not in couplings:
        raise UmbraError("figures/thermal_targets: no interpretation has a limit on y")


def _check_limit(channel: Channel) -> None:
    if channel.limit.engine == "pyhf" and channel.limit.method != "cls":
        raise UmbraError(f"limit/engine: pyhf sets limits with the method cls, not {channel.limit.method}")
    if channel.limit.method == "feldman_cousins" and not isinstance(channel.fit, CountingFit | EllipseFit):
        raise UmbraError("limit/method: feldman_cousins is for counts")

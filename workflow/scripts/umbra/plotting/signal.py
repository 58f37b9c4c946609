"""Signal efficiency and resolution against mass."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from umbra.core.errors import UmbraError
from umbra.core.kinematics import Array
from umbra.core.search_variables import VARIABLES
from umbra.expectation.signal import Signal
from umbra.plotting.canvas import canvas, colours, footer, header, legend, write_numbers
from umbra.plotting.labels import Labels
from umbra.plotting.mass_axis import log_mass_axis, mass_range

#: Points of the smooth curves.
_CURVE_POINTS = 200
#: A resolution that changes by more than this factor is drawn on a logarithmic axis.
_LOG_ABOVE = 10.0


def plot_signal(
    stem: Path | str,
    models: Mapping[str, Signal],
    labels: Labels,
    *,
    ranges: Mapping[str, tuple[float, float]],
    mass_scale: str = "log",
    lifetime_mm: float | None = None,
) -> None:
    """Draw efficiency and resolution of each region against mass as `<stem>.pdf`, `.png` and `.csv`.

    Points are the generated masses with their statistical errors, lines what the fits use. Each region is drawn
    where fits use it and listed everywhere.

    Parameters
    ----------
    stem
        Path of the files without suffix.
    models
        Signal model of each region.
    labels
        What the figure says about the channel.
    ranges
        Masses for which fits use each region.
    mass_scale
        `log` or `linear`.
    lifetime_mm
        Lifetime whose efficiency is shown, where the models have several.

    Raises
    ------
    UmbraError
        If there is no region.
    """
    if not models:
        raise UmbraError(f"{stem}: there is no signal model")
    numbers: list[tuple[str, str, float, float, float | None, float, float | None]] = []
    with canvas(stem, height_inch=9.0) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"hspace": 0.07})
        masses = [mass for name, model in models.items() for mass in _masses(model, ranges[name], mass_scale)]
        for axes in (upper, lower):
            axes.set_xlim(mass_range(masses, mass_scale))
            if mass_scale == "log":
                log_mass_axis(axes)
        for colour, (region, model) in zip(colours(len(models)), models.items(), strict=True):
            curve = _masses(model, ranges[region], mass_scale)
            used = (model.mass_gev >= ranges[region][0]) & (model.mass_gev <= ranges[region][1])
            efficiency = [model.efficiency_at(mass, lifetime_mm)[0] for mass in curve]
            generated = np.array([model.efficiency_at(mass, lifetime_mm) for mass in model.mass_gev])
            resolution = [model.resolution_at(mass) for mass in curve]
            name = region.replace("_", " ")
            upper.errorbar(
                model.mass_gev[used],
                100.0 * generated[used, 0],
                100.0 * generated[used, 1],
                fmt="o",
                color=colour,
                markersize=4,
                label=name,
            )
            upper.plot(curve, 100.0 * np.array(efficiency), color=colour, linewidth=1.4)
            lower.errorbar(
                model.mass_gev[used],
                model.resolution[used],
                model.resolution_error[used],
                fmt="o",
                color=colour,
                markersize=4,
                label=f"{name}: {VARIABLES[model.variable].title}",
            )
            lower.plot(curve, resolution, color=colour, linewidth=1.4)
            numbers += [
                (region, "generated", *row)
                for row in zip(
                    model.mass_gev.tolist(),
                    generated[:, 0].tolist(),
                    generated[:, 1].tolist(),
                    model.resolution.tolist(),
                    model.resolution_error.tolist(),
                    strict=True,
                )
            ]
            numbers += [
                (region, "curve", mass, eff, None, width, None)
                for mass, eff, width in zip(curve.tolist(), efficiency, resolution, strict=True)
            ]
        upper.set_ylabel("signal efficiency [%]")
        upper.set_ylim(0.0, upper.get_ylim()[1])
        legend(upper, labels.process)
        lower.set_ylabel("resolution")
        narrowest = min(float(model.resolution.min()) for model in models.values())
        if lower.get_ylim()[1] > _LOG_ABOVE * narrowest:
            lower.set_yscale("log")
        else:
            lower.set_ylim(0.0, lower.get_ylim()[1])
        legend(lower, "search variable and its unit")
        lower.set_xlabel(labels.mass_axis)
        header(upper, labels)
        footer(
            lower,
            [
                "Own efficiency of the fast simulation: candidates near the peak per produced event, with "
                "the radiative correction. Resolution: half of the shortest interval that holds 68.3%. Each "
                "region is shown where fits use it."
                + (
                    ""
                    if lifetime_mm is None
                    else f" Efficiency for a proper decay length of {lifetime_mm:g} mm."
                ),
                *labels.notes,
            ],
        )
    write_numbers(
        stem,
        ("region", "kind", "mass_gev", "efficiency", "efficiency_error", "resolution", "resolution_error"),
        numbers,
    )


def _masses(model: Signal, used: tuple[float, float], scale: str) -> Array:
    low, high = max(used[0], float(model.mass_gev[0])), min(used[1], float(model.mass_gev[-1]))
    if scale == "log" and low > 0.0:
        # The rounding of geomspace must not leave the range of the generated masses.
        return np.clip(np.geomspace(low, high, _CURVE_POINTS), low, high)
    return np.linspace(low, high, _CURVE_POINTS)

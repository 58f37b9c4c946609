"""Limits of one channel on the coupling of another model: fitted again, and rescaled beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from umbra.config.records import Channel, Coupling, Interpretation, Island
from umbra.core.errors import UmbraError
from umbra.inference.hypothesis import FittedPoint, LimitedPoint, read_fits, read_limits
from umbra.inference.limiting import limit_settings, limited
from umbra.inference.workspace import Workspace, read_archive
from umbra.recast.applicability import Applicable, Reading
from umbra.recast.own_model import OwnModel, coupling_at
from umbra.recast.refit import Weights, reweighted, weights
from umbra.results import islands
from umbra.results.contours import Contour
from umbra.results.limits import VALUES

#: Mean flight in the laboratory in mm beyond which a search for prompt decays says nothing (a choice).
LONGEST_FLIGHT_MM = 10.0
#: Natural width over mass beyond which the narrow shapes of the signals are wrong (a choice).
BROADEST = 0.02


@dataclass(frozen=True, kw_only=True)
class RecastRow:
    """Limit of a channel on the coupling of a model, at one mass and lifetime.

    Parameters
    ----------
    channel, interpretation
        What was fitted.
    mass_gev, lifetime_mm
        The point; no lifetime where decays are prompt or invisible.
    values
        Observed limit, and the expected ones, of the new fit, in the order of `umbra.results.limits.VALUES`.
    rescaled
        The same of the channel's own limits, rescaled with the mean ratio of rates.
    ctau_mm, width_over_mass
        At the expected limit; `None` without one.
    status, reason
        `converged`; `not_prompt`, `broad`: the limit is there, but the signal was another; `not_in_model`; else as in
        the channel.
    """

    channel: str
    interpretation: str
    mass_gev: float
    lifetime_mm: float | None
    values: tuple[float | None, ...]
    rescaled: tuple[float | None, ...]
    ctau_mm: float | None = None
    width_over_mass: float | None = None
    status: str
    reason: str = ""


_EXPECTED = VALUES.index("expected")
_NONE: tuple[None, ...] = (None,) * len(VALUES)


@dataclass(frozen=True)
class Recast:
    """What a channel says of a model: its rows, and outlines where the coupling fixes the lifetime."""

    rows: Sequence[RecastRow]
    regions: Sequence[tuple[str, Contour]]


def recast(channel: Channel, found: Applicable, model: OwnModel, folder: Path) -> Recast:
    """Fit the workspaces of a channel again with the signal of a model.

    Parameters
    ----------
    channel
        As it was run.
    found
        Which interpretations apply.
    model
        Whose signal it is.
    folder
        Results of the channel.

    Raises
    ------
    UmbraError
        If fits, workspaces or limits are missing, or are of another configuration.
    """
    blocks = sorted((folder / "fits").glob("block_*.json"))
    if not blocks:
        raise UmbraError(f"{folder}: no fits; run the channel first")
    rows: list[RecastRow] = []
    regions: list[tuple[str, Contour]] = []
    for name, readings in found.interpretations.items():
        reader = _Reader(channel, channel.interpretation(name), readings, model)
        points: list[LimitedPoint] = []
        before = len(rows)
        for block in blocks:
            fits = [each for each in read_fits(block) if each.interpretation == name]
            if fits:
                rows += reader.block(folder, block.stem, fits, points)
        if len(rows) == before:
            raise UmbraError(f"{folder}: no fits of the interpretation '{name}'; run the channel again")
        regions += [(name, outline) for outline in reader.regions(points)]
    return Recast(rows, regions)


@dataclass(frozen=True)
class _Reader:
    """One interpretation of a channel, read as a model."""

    channel: Channel
    interpretation: Interpretation
    readings: Mapping[str, Reading]
    model: OwnModel

    def block(
        self, folder: Path, block: str, fits: Sequence[FittedPoint], points: list[LimitedPoint]
    ) -> list[RecastRow]:
        """Rows of one block; `points` grows by the limits on the model, or by points that have none."""
        archive = read_archive(folder / "workspaces" / f"{block}.zip")
        own = {
            each.point: each
            for each in read_limits(folder / "limits" / f"{block}.json")
            if each.interpretation == self.interpretation.name
        }
        found = {fit.point: self._weights(fit, archive) for fit in fits}
        usable = {fit.point: fit for fit in fits if isinstance(found[fit.point], Weights)}
        again = limited(
            list(usable.values()),
            {
                str(fit.member): reweighted(archive[str(fit.member)], weighed.by_category)
                for fit in usable.values()
                if isinstance(weighed := found[fit.point], Weights)
            },
            limit_settings(self.channel, block),
        )
        new = {each.point: each for each in again}
        rows = []
        for fit in fits:
            weighed = found[fit.point]
            if isinstance(weighed, Weights):
                rows.append(self._row(new[fit.point], own[fit.point], weighed))
                points.append(_for_the_model(new[fit.point], weighed))
            else:
                rows.append(self._without(fit, *weighed))
                # A mass without a limit parts a region: it must not be left out of the grid.
                points.append(own[fit.point].model_copy(update={"status": "no_sensitivity"}))
        return rows

    def regions(self, points: Sequence[LimitedPoint]) -> list[Contour]:
        """Outlines of what the coupling that fixes the lifetime excludes."""
        island, coupling = self.interpretation.island, self.model.file.coupling
        if island is None or not self.channel.lifetimes_mm:
            return []
        mine = Coupling(
            name=coupling.name,
            reference=1.0,
            power=2,
            convention=coupling.convention,
            y_label=coupling.title,
        )
        unit = Island(
            particle=coupling.name,
            masses_gev=island.masses_gev,
            largest=coupling.largest or island.largest,
            prompt=island.prompt,
        )
        vetoed = self.channel.masses.vetoed_gev
        return islands.contours(points, unit, mine, vetoed, physics=self.model.decays)

    def _weights(self, fit: FittedPoint, archive: Mapping[str, Workspace]) -> Weights | tuple[str, str]:
        """Weights of the signal; or status and reason where there are none."""
        if fit.status != "converged":
            return fit.status, fit.reason
        if fit.coupling_power_per_mu is None:
            return "not_in_model", "no signal of the channel tells its coupling here"
        if not self.model.covers(fit.mass_gev):
            return "not_in_model", "the model is not asked at this mass"
        try:
            found = weights(
                self.channel,
                self.interpretation,
                fit,
                archive[str(fit.member)],
                self.readings,
                self.model,
            )
        except UmbraError as error:  # the model does not know its hadrons here
            return "not_in_model", str(error)
        return found if isinstance(found, Weights) else ("not_in_model", found)

    def _without(self, fit: FittedPoint, status: str, reason: str) -> RecastRow:
        return RecastRow(
            channel=self.channel.name,
            interpretation=self.interpretation.name,
            mass_gev=fit.mass_gev,
            lifetime_mm=fit.lifetime_mm,
            values=_NONE,
            rescaled=_NONE,
            status=status,
            reason=reason,
        )

    def _row(self, new: LimitedPoint, own: LimitedPoint, weighed: Weights) -> RecastRow:
        values, rescaled = (self._couplings(each, weighed) for each in (new, own))
        status: str = new.status
        reason = new.reason
        median = values[_EXPECTED]
        if new.status == "converged" and median is None:
            status, reason = "no_sensitivity", "no coupling makes such a rate: dark matter has the width"
        ctau_mm = width = None
        if median is not None:
            ctau_mm = self.model.ctau_mm(new.mass_gev, median)
            width = self.model.total_width_gev(new.mass_gev, median) / new.mass_gev
        if ctau_mm is not None and width is not None:
            flight_mm = ctau_mm * self._boost(new.mass_gev)
            visible = any(each.final_state != "invisible" for each in self.readings.values())
            if visible and new.lifetime_mm is None and flight_mm > LONGEST_FLIGHT_MM:
                status, reason = "not_prompt", f"it flies {flight_mm:.3g} mm, and prompt decays were selected"
            elif width > BROADEST:
                status, reason = "broad", f"its width is {width:.2g} of its mass"
        return RecastRow(
            channel=self.channel.name,
            interpretation=self.interpretation.name,
            mass_gev=new.mass_gev,
            lifetime_mm=new.lifetime_mm,
            values=values,
            rescaled=rescaled,
            ctau_mm=ctau_mm,
            width_over_mass=width,
            status=status,
            reason=reason,
        )

    def _couplings(self, point: LimitedPoint, weighed: Weights) -> tuple[float | None, ...]:
        """Coupling of the model at each limit on the signal strength."""
        per_mu = point.coupling_power_per_mu
        if point.status != "converged" or per_mu is None:
            return _NONE
        return tuple(
            None if strength is None else coupling_at(strength * per_mu, weighed.effective, weighed.total)
            for strength in point.strengths
        )

    def _boost(self, mass_gev: float) -> float:
        """Momentum over mass in the centre-of-mass frame beside something light: its largest."""
        energy = self.channel.machine.approximate_sqrt_s_gev
        return float((energy**2 - mass_gev**2) / (2.0 * energy * mass_gev))


def _for_the_model(point: LimitedPoint, weighed: Weights) -> LimitedPoint:
    """Let a signal strength mean what it does of the model's coupling, where that sets the lifetime alone."""
    per_mu, (a, _), (c, _) = point.coupling_power_per_mu, weighed.effective, weighed.total
    return point.model_copy(update={"coupling_power_per_mu": None if per_mu is None else per_mu * c / a})

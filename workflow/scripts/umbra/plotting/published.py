"""Published limits in figures of ours."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from umbra.core.text import raised
from umbra.plotting.mass_axis import parted, place_of
from umbra.validation.published import Bin, Curve


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A published limit to be laid over ours.

    Parameters
    ----------
    curve
        The limit.
    lifetime_mm
        Which lifetime, where it has several.
    """

    curve: Curve
    lifetime_mm: float | None = None

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The bins to be drawn."""
        return self.curve.at_lifetime(self.lifetime_mm)

    @property
    def legend(self) -> str:
        """Label and citation; the band is the spread of the digitised limit inside each bin."""
        paper = f"arXiv:{self.curve.arxiv}" if self.curve.arxiv else self.curve.citation
        lifetime = "" if self.lifetime_mm is None else f", cτ = {self.lifetime_mm:g} mm"
        whose = paper if paper.startswith(self.curve.label) else f"{self.curve.label}, {paper}"
        return f"{whose} ({self.curve.confidence}){lifetime}"


def draw_published(
    axes: Axes, overlay: Overlay, colour: str, vetoed_gev: Sequence[tuple[float, float]] = ()
) -> None:
    """Draw the binned median and the 16-84% spread of a published limit, and dashed what its authors expected."""
    curve, label = overlay.curve, overlay.legend
    # The order of points along an outline is not that of their masses.
    windows = vetoed_gev if curve.shape in ("upper_limit", "lower_edge") else ()
    for bins in parted(overlay.bins, windows):
        masses = [place_of(axes, each.mass_gev) for each in bins]
        if curve.shape == "upper_limit":
            axes.fill_between(
                masses,
                [each.limit_p16 for each in bins],
                [each.limit_p84 for each in bins],
                color=colour,
                alpha=0.22,
                linewidth=0,
                zorder=4,
            )
        axes.plot(
            masses,
            [each.limit for each in bins],
            color=colour,
            marker="o",
            markersize=4.5,
            linestyle="" if curve.shape == "points" else "-",
            linewidth=1.5,
            zorder=5,
            label=label,
        )
        expected = [each.expected for each in bins if each.expected is not None]
        if len(expected) == len(bins):
            axes.plot(
                masses,
                expected,
                color=colour,
                linestyle="--",
                linewidth=1.5,
                zorder=5,
                label="_" if label == "_" else f"{curve.label}, expected",
            )
        label = "_"


def published_note(curves: Sequence[Curve]) -> str:
    """Small print of a figure with several published limits; its legend cites them."""
    by_origin: dict[str, list[str]] = {}
    for curve in curves:
        by_origin.setdefault(curve.origin, []).append(curve.label)
    if not by_origin:
        return ""
    listed = "; ".join(
        f"{', '.join(dict.fromkeys(labels))}: {origin}" for origin, labels in by_origin.items()
    )
    return raised(
        f"Published, medians and 16-84% spreads in bins of mass. {listed}. Remarks: config/published."
    )


def published_text(curve: Curve) -> str:
    """Small print about a published limit: whose, what is drawn, from where."""
    luminosity = curve.luminosity.replace("^-1", r"$^{\mathrm{-1}}$")
    remark = f" {curve.remark}" if curve.remark else ""
    return (
        f"{curve.label}: {curve.citation}, {luminosity}, {curve.confidence}; {curve.origin}; line and band "
        f"are the median and the 16-84% spread of the digitised limit in mass bins.{remark}"
    )

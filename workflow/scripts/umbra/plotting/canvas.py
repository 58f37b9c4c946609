"""What all figures share: style, labels, and files that are the same bytes for the same numbers."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
import mplhep
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from umbra.errors import UmbraError
from umbra.io import atomic_open, atomic_path
from umbra.limit_table import QUANTITIES

STYLE = {
    **mplhep.style.ROOT,
    "mathtext.default": "it",
    "font.size": 17,
    "legend.fontsize": 13,
    "legend.title_fontsize": 13,
    "legend.handlelength": 1.8,
    "legend.labelspacing": 0.35,
    "xtick.major.size": 9,
    "xtick.minor.size": 5,
    "ytick.major.size": 9,
    "ytick.minor.size": 5,
    "axes.linewidth": 1.5,
    "lines.linewidth": 2.0,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.15,
}

#: Colours that stay apart for the colour-blind: bands, other models, published limits.
BAND_68 = "#607641"
BAND_95 = "#F5BB54"
LINES = ("#3f90da", "#bd1f01", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd", "#94a4a2")
PUBLISHED = "#bd1f01"

#: What a background or a signal says about its own making.
ORIGINS = {
    "matrix_element": "matrix element",
    "pythia": "Pythia",
    "external": "external events",
    "parametrised": "parametrised",
}

#: Axis title and convention of each quantity; a channel may give its own title.
TITLES: Mapping[str, tuple[str, str]] = {
    "yield": ("signal events", ""),
    "cross_section_fb": (r"$\sigma$ [fb]", ""),
    "branching_fraction": ("branching fraction", ""),
    "g_agammagamma_per_gev": (
        r"$g_{a\gamma\gamma}$ [GeV$^{\mathrm{-1}}$]",
        r"$\mathcal{L} = -\frac{1}{4}\,g_{a\gamma\gamma}\,a\,F_{\mu\nu}\tilde{F}^{\mu\nu}$",
    ),
    "epsilon": (r"$\varepsilon$", r"coupling $\varepsilon e$ to the electromagnetic current"),
    "g_prime": (r"$g^\prime$", r"$L_\mu - L_\tau$ coupling $g^\prime$, not divided by $e$"),
    "g_s": (r"$g_S$", r"$\mathcal{L} = -g_S\,S\,\bar{\mu}\mu$"),
    "xi": (r"$\xi$", r"$\mathcal{L} = -\xi\,\sum_\ell (m_\ell/v)\,S\,\bar{\ell}\ell$, $v$ = 246.22 GeV"),
    "c_l_over_lambda_per_tev": (
        r"$|C_{\ell\ell}|/\Lambda$ [TeV$^{\mathrm{-1}}$]",
        r"$\mathcal{L} = (C_{\ell\ell}/2\Lambda)\,\partial_\mu a\,\bar{\ell}\gamma^\mu\gamma_5\ell$",
    ),
    "epsilon2_alpha_d": (
        r"$\varepsilon^2\alpha_D$",
        r"kinetic mixing $\varepsilon$, $\alpha_D = g_D^2/4\pi$",
    ),
    "y": (
        r"$y = \varepsilon^2\alpha_D\,(m_\chi/m_{A^\prime})^4$",
        r"kinetic mixing $\varepsilon$, $\alpha_D = g_D^2/4\pi$",
    ),
    "sin_theta": (r"$\sin\theta$", r"mixing angle $\theta$ with the Higgs boson"),
    "g_aw_per_gev": (
        r"$g_{aW}$ [GeV$^{\mathrm{-1}}$]",
        r"$\mathcal{L} = -\frac{1}{4}\,g_{aW}\,a\,W_{\mu\nu}\tilde{W}^{\mu\nu}$",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What a channel's figures say about it.

    Parameters
    ----------
    experiment
        Whose detector and beams are modelled.
    process
        Signal process, with mathtext.
    mass_title
        Symbol of the mass on the axis, with mathtext and without unit.
    sqrt_s_gev
        Centre-of-mass energies of the data sets.
    luminosity_fb
        Integrated luminosity of all data sets.
    confidence_level
        Confidence or credibility level, as a fraction.
    backgrounds
        Name of each background, with mathtext, and its origin, one of `ORIGINS`.
    data
        `asimov`, `toy` or `file`.
    seed
        Seed of the pseudo-data.
    notes
        What else must be said, such as which efficiency is unverified.
    titles
        Axis titles of quantities, where the channel's own are better than `TITLES`.
    model_titles
        Legend text of each model, with mathtext.
    """

    experiment: str
    process: str
    mass_title: str
    sqrt_s_gev: tuple[float, ...]
    luminosity_fb: float
    confidence_level: float
    backgrounds: Mapping[str, str]
    data: str = "asimov"
    seed: int | str | None = None
    notes: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    model_titles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for background, origin in self.backgrounds.items():
            if origin not in ORIGINS:
                raise UmbraError(
                    f"background {background!r}: origin {origin!r} is not one of {', '.join(ORIGINS)}"
                )
        if self.data not in ("asimov", "toy", "file"):
            raise UmbraError(f"labels: data {self.data!r} is not one of asimov, toy, file")
        if (self.data == "toy") != (self.seed is not None):
            raise UmbraError(f"labels: data {self.data!r} does not go with seed {self.seed!r}")
        for quantity in self.titles:
            if quantity not in QUANTITIES:
                raise UmbraError(f"labels: title of unknown quantity {quantity!r}")

    def title(self, quantity: str) -> str:
        """Axis title of a quantity, with its unit."""
        return self.titles.get(quantity, TITLES[quantity][0])

    @property
    def mass_axis(self) -> str:
        """Title of the mass axis."""
        return f"{self.mass_title} [GeV]"

    @property
    def level(self) -> str:
        """Confidence level as text."""
        return f"{100.0 * self.confidence_level:g}% CL"

    @property
    def observed(self) -> str:
        """What to call the observed numbers in a legend."""
        return "observed" if self.data == "file" else "pseudo-data"

    @property
    def data_text(self) -> str:
        """What the figure shows as data."""
        if self.data == "toy":
            return f"pseudo-data (toy, seed {self.seed})"
        return "data" if self.data == "file" else "no data: background-only Asimov"

    @property
    def setup(self) -> str:
        """Experiment, luminosity and energy."""
        energies = ", ".join(f"{energy:g}" for energy in self.sqrt_s_gev)
        return f"{self.experiment}, {luminosity_text(self.luminosity_fb)}, √s = {energies} GeV"

    @property
    def background_text(self) -> str:
        """Each background with its origin."""
        parts = [f"{background} ({ORIGINS[origin]})" for background, origin in self.backgrounds.items()]
        return "Backgrounds: " + (", ".join(parts) if parts else "none")


def luminosity_text(luminosity_fb: float) -> str:
    """Luminosity in the unit that reads best."""
    if luminosity_fb >= 1000.0:
        return rf"{luminosity_fb / 1000.0:g} ab$^{{\mathrm{{-1}}}}$"
    if luminosity_fb < 1.0:
        return rf"{luminosity_fb * 1000.0:g} pb$^{{\mathrm{{-1}}}}$"
    return rf"{luminosity_fb:g} fb$^{{\mathrm{{-1}}}}$"


@contextmanager
def canvas(stem: Path | str, width_inch: float = 9.5, height_inch: float = 7.4) -> Iterator[Figure]:
    """Give a figure in the style of all figures and save it when the block ends without an error.

    The figure is not pyplot's and the style ends with the block, so nothing global stays behind. The files
    `<stem>.pdf` and `<stem>.png` carry no time, name of a program or random identifier.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width_inch, height_inch))
        yield figure
        with atomic_path(f"{stem}.pdf") as path:
            figure.savefig(
                path, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None}
            )
        with atomic_path(f"{stem}.png") as path:
            figure.savefig(path, format="png", dpi=120, metadata={"Software": None})


def write_numbers(stem: Path | str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the plotted numbers to `<stem>.csv`: None is an empty cell, a double its shortest exact text."""
    with atomic_open(f"{stem}.csv") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    return repr(float(value))


def log_mass_axis(axes: Axes) -> None:
    """Make the mass axis logarithmic, with plain numbers at 1, 2 and 5 of each decade while there is room."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    digits = (1.0, 2.0, 5.0) if high < 500.0 * low else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=digits, numticks=40))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def header(axes: Axes, labels: Labels) -> None:
    """Write who made the figure and which set-up it models above the axes."""
    stamp(axes)
    axes.text(1.0, 1.015, labels.setup, transform=axes.transAxes, ha="right", va="bottom", fontsize=13)


def stamp(axes: Axes) -> None:
    """Write what every figure says: Umbra, parametrised detector."""
    axes.text(
        0.0,
        1.015,
        r"$\mathbf{Umbra}$, parametrised detector",
        transform=axes.transAxes,
        ha="left",
        va="bottom",
        fontsize=14,
    )


def footer(axes: Axes, lines: Iterable[str], width: int = 130) -> None:
    """Write what a reader must know in small print under the axes, one or more lines each."""
    printed = [part for line in lines if line for part in wrap(line, width)]
    axes.annotate(
        "\n".join(printed),
        xy=(0.0, 0.0),
        xycoords="axes fraction",
        xytext=(-45, -48),
        textcoords="offset points",
        ha="left",
        va="top",
        fontsize=10,
        color="0.3",
        linespacing=1.35,
    )


def wrap(text: str, width: int) -> list[str]:
    """Break a text at spaces outside mathtext, so that each line is about `width` printed characters long."""
    lines: list[str] = []
    current, length = "", 0
    for word in _words(text):
        printed = len(word.replace("$", "")) if "$" not in word else len(word) // 2
        if current and length + printed > width:
            lines.append(current)
            current, length = "", 0
        current += (" " if current else "") + word
        length += printed + 1
    return [*lines, current] if current else lines


def _words(text: str) -> list[str]:
    """Words of a text, in which a formula between dollars stays whole."""
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("$") % 2:
            words[-1] += " " + word
        else:
            words.append(word)
    return words

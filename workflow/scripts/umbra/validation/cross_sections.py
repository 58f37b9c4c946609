"""Our cross-sections beside those of other generators, of formulas and of published tables."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from umbra.config import yaml
from umbra.core.errors import UmbraError
from umbra.core.seeds import generator
from umbra.generation.integration import Estimate, cross_section
from umbra.generation.processes.cuts import Bounds
from umbra.generation.processes.registry import find
from umbra.plotting.canvas import LINES, canvas, stamp, write_numbers

#: A lowest-order value agrees within this fraction or this many standard errors.
TOLERANCE, STANDARD_ERRORS = 0.01, 3.0

COLUMNS = (
    "process",
    "sqrt_s_gev",
    "parameters",
    "cuts",
    "isr",
    "value_pb",
    "error_pb",
    "reference_pb",
    "reference_error_pb",
    "ratio",
    "pull",
    "verdict",
    "source",
)


@dataclass(frozen=True)
class Reference:
    """A cross-section to compare with, and the arguments that give ours; see the schema `cross_sections`."""

    process: str
    sqrt_s_gev: float
    parameters: Mapping[str, float]
    cuts: Mapping[str, Bounds]
    isr: str
    value_pb: float
    error_pb: float
    source: str
    not_comparable: str | None = None

    @property
    def judged(self) -> bool:
        """Whether ours has to agree."""
        return self.not_comparable is None

    @property
    def arguments(self) -> str:
        """Parameters and cuts in the words of the calculator."""
        return " ".join(part for part in (self.parameter_text, self.cut_text, self._isr_text) if part)

    @property
    def parameter_text(self) -> str:
        """Parameters as `name=value`, separated by blanks."""
        return " ".join(f"{name}={value:g}" for name, value in self.parameters.items())

    @property
    def cut_text(self) -> str:
        """Cuts as `name=low:high`, separated by blanks."""

        def end(value: float | None) -> str:
            return "" if value is None else f"{value:g}"

        return " ".join(f"{name}={end(low)}:{end(high)}" for name, (low, high) in self.cuts.items())

    @property
    def _isr_text(self) -> str:
        return "" if self.isr == "none" else f"isr={self.isr}"


@dataclass(frozen=True)
class Comparison:
    """Ours beside a reference."""

    reference: Reference
    ours: Estimate

    @property
    def ratio(self) -> float:
        """Ours over theirs."""
        return self.ours.value_pb / self.reference.value_pb

    @property
    def ratio_error(self) -> float:
        """Standard error of the ratio."""
        theirs = self.reference.error_pb / self.reference.value_pb
        return float(self.ratio * np.hypot(self.ours.relative_error, theirs))

    @property
    def pull(self) -> float:
        """Difference over its standard error."""
        error = np.hypot(self.ours.error_pb, self.reference.error_pb)
        return float((self.ours.value_pb - self.reference.value_pb) / error) if error else 0.0

    @property
    def verdict(self) -> str:
        """`agrees` or `differs`, or why the two are not comparable."""
        if self.reference.not_comparable is not None:
            return self.reference.not_comparable
        agrees = abs(self.ratio - 1.0) < TOLERANCE or abs(self.pull) < STANDARD_ERRORS
        return "agrees" if agrees else "differs"


def load(path: Path) -> list[Reference]:
    """Read the references.

    Raises
    ------
    UmbraError
        If the file does not follow its schema, or names a process, parameter or cut that does not exist.
    """
    references = []
    for row in yaml.read(path).content["rows"]:
        content: dict[str, Any] = {"sqrt_s_gev": 10.58, "parameters": {}, "cuts": {}, "isr": "none", **row}
        content["cuts"] = {name: (low, high) for name, (low, high) in content["cuts"].items()}
        reference = Reference(**content)
        process = find(reference.process)
        process.complete(reference.parameters)
        process.check_cuts(reference.cuts)
        references.append(reference)
    return references


def compare(
    references: Sequence[Reference], relative_error: float, processes: Collection[str] | None = None
) -> list[Comparison]:
    """Compute ours for each reference.

    Parameters
    ----------
    references
        From `load`.
    relative_error
        Accuracy of the Monte Carlo integrals.
    processes
        Only these; all if `None`.

    Raises
    ------
    UmbraError
        If a name is not among the references.
    """
    unknown = set(processes or ()) - {reference.process for reference in references}
    if unknown:
        raise UmbraError(f"no cross-section to compare with for: {', '.join(sorted(unknown))}")
    chosen = [r for r in references if processes is None or r.process in processes]
    # Several references may ask for the same number.
    ours = {_question(r): r for r in chosen}
    answers = {question: _ours(reference, relative_error) for question, reference in ours.items()}
    return [Comparison(reference, answers[_question(reference)]) for reference in chosen]


def _question(reference: Reference) -> tuple[str, float, str]:
    return (reference.process, reference.sqrt_s_gev, reference.arguments)


def _ours(reference: Reference, relative_error: float) -> Estimate:
    return cross_section(
        find(reference.process),
        reference.sqrt_s_gev,
        reference.parameters,
        reference.cuts,
        relative_error=relative_error,
        rng=generator("cross-section table", *_question(reference)),
        isr="leading_log" if reference.isr == "leading_log" else "none",
    )


def write(stem: Path, comparisons: Sequence[Comparison]) -> None:
    """Write `<stem>.csv`, `<stem>.pdf` and `<stem>.png`."""
    write_numbers(stem, COLUMNS, [_cells(c) for c in comparisons])
    judged = [c for c in comparisons if c.reference.judged]
    others = [c for c in comparisons if not c.reference.judged]
    shares = [max(len(judged), 4), max(len(others), 4)]
    with canvas(stem, width_inch=13.0, height_inch=2.5 + 0.3 * sum(shares)) as figure:
        upper, lower = figure.subplots(
            2, 1, gridspec_kw={"height_ratios": shares, "hspace": 6.0 / sum(shares)}
        )
        _draw(upper, judged, "ours / reference (band: 1%)")
        upper.axvspan(1.0 - TOLERANCE, 1.0 + TOLERANCE, color="0.9", zorder=0)
        stamp(upper)
        _draw(lower, others, "ours / reference, not comparable: radiation or approximation in the reference")


def _cells(comparison: Comparison) -> list[Any]:
    reference, ours = comparison.reference, comparison.ours
    return [
        reference.process,
        reference.sqrt_s_gev,
        reference.parameter_text,
        reference.cut_text,
        reference.isr,
        ours.value_pb,
        ours.error_pb,
        reference.value_pb,
        reference.error_pb,
        comparison.ratio,
        comparison.pull,
        comparison.verdict,
        reference.source,
    ]


def _draw(axes: Axes, comparisons: Sequence[Comparison], title: str) -> None:
    for position, comparison in enumerate(reversed(comparisons)):
        colour = LINES[1] if comparison.verdict == "differs" else LINES[0]
        axes.errorbar(
            comparison.ratio, position, xerr=comparison.ratio_error, fmt="o", markersize=4.5, color=colour
        )
    axes.axvline(1.0, color="0.4", linewidth=1.0)
    labels = [_label(c.reference) for c in reversed(comparisons)]
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    axes.set_ylim(-1.0, max(len(comparisons), 1))
    axes.tick_params(axis="y", which="both", length=0, right=False)
    axes.tick_params(axis="x", labelsize=12)
    axes.set_xlabel(title, fontsize=13)


def _label(reference: Reference) -> str:
    short = reference.arguments.replace("_gev", "").replace("photon_energy", "E").replace("photon_theta", "θ")
    energy = "" if reference.sqrt_s_gev == 10.58 else f" √s={reference.sqrt_s_gev:g}"
    return f"{reference.process} {short}{energy}"

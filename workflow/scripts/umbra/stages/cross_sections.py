"""Rule `cross_sections`: ours beside those of other generators, formulas and talks."""

from pathlib import Path
from typing import Any

from umbra.plotting.cross_sections import plot_cross_sections
from umbra.stages.job import stage
from umbra.validation.cross_sections import compare, load

#: Relative accuracy of the calculation in each scan.
ACCURACY = {"full": 1e-3, "default": 4e-3, "tiny": 4e-3}
#: The tiny scan takes processes that have a formula, or nearly.
QUICK = {"gamma_alp", "gamma_aprime", "mumu", "tautau", "gammagamma", "mumu_zprime"}


@stage
def main(rule: Any) -> None:
    """Write table and plot."""
    scan = rule.params.scan
    references = load(Path(rule.input[0]))
    comparisons = compare(references, ACCURACY[scan], QUICK if scan == "tiny" else None)
    plot_cross_sections(Path(rule.output[0]).with_suffix(""), comparisons)

"""Rule `significance`: the global significance of the largest excess."""

from pathlib import Path
from typing import Any

from umbra.inference.scan import combine
from umbra.stages.job import provenance, stage


@stage
def main(rule: Any) -> None:
    """Merge the pseudo-experiments and compare the data with them."""
    files = rule.input
    model = rule.params.slice["models"][0]["name"]
    chunks, fits = ([Path(path) for path in paths] for paths in (files.toys, files.fits))
    combine(chunks, fits, model, Path(rule.output[0]), provenance(rule))

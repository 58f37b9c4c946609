"""Rule `audits`: what stock pyhf says of all channels."""

from pathlib import Path
from typing import Any

from umbra.stages.channel import paths
from umbra.stages.job import stage
from umbra.validation import audit


@stage
def main(rule: Any) -> None:
    """Write the table and the page."""
    found = [audit.read(path) for path in paths(rule.input)]
    audit.write(found, Path(rule.output.table), Path(rule.output.page))

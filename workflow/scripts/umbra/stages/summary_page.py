"""Rule `summary_page`: the summaries of all portals as one page for a browser."""

from pathlib import Path
from typing import Any

from umbra.plotting.page import write_page
from umbra.stages.job import stage
from umbra.stages.summary import panels_of


@stage
def main(rule: Any) -> None:
    """Write the page."""
    write_page(Path(rule.output[0]), panels_of(rule))

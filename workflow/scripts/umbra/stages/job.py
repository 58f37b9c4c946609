"""What every stage does first: logging into the log file of its rule, and errors that a user can read."""

import functools
import logging
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from umbra.core.errors import UmbraError
from umbra.core.provenance import stamp


def run(job: Any, work: Callable[[], None]) -> None:
    """Do the work of a script with its output in the log file of the rule.

    Parameters
    ----------
    job
        The object `snakemake` of the script.
    work
        What to do.

    Raises
    ------
    SystemExit
        With status 1 after an `UmbraError`, whose one sentence goes to the log and to the terminal.
    """
    path = Path(job.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream, redirect_stdout(stream), redirect_stderr(stream):
        logging.basicConfig(
            stream=stream, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", force=True
        )
        logging.captureWarnings(True)
        warnings.simplefilter("default")
        try:
            work()
        except UmbraError as error:
            logging.getLogger("umbra").error("%s", error)
            print(f"umbra: {error}", file=sys.__stderr__)
            raise SystemExit(1) from None
        except Exception:
            logging.getLogger("umbra").exception("an error of the program, not of its input")
            raise


def stage(work: Callable[[Any], None]) -> Callable[[Any], None]:
    """Make what a rule does its entry: `main(snakemake)`, with output and errors as `run` treats them."""

    @functools.wraps(work)
    def main(rule: Any) -> None:
        run(rule, lambda: work(rule))

    return main


def provenance(job: Any, **more: Any) -> dict[str, Any]:
    """Provenance of the outputs of a rule: digests of its slice of the configuration and of its code."""
    slice_: Mapping[str, Any] = job.params.slice
    return stamp(slice_, job.params.code, **more)

"""What a script leaves in its rule's log when it fails."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from umbra.core.errors import UmbraError
from umbra.stages import job


@pytest.fixture(autouse=True)
def own_logging():
    """Take back what a script does to logging for the rest of its process."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(False)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def fail_with(error: Exception, log: Path) -> None:
    def work() -> None:
        raise error

    job.run(SimpleNamespace(log=[str(log)]), work)


def test_an_error_of_the_input_is_one_sentence(tmp_path, capfd):
    with pytest.raises(SystemExit):
        fail_with(UmbraError("the file is empty"), tmp_path / "logs/rule.log")
    assert (tmp_path / "logs/rule.log").read_text() == "ERROR umbra: the file is empty\n"
    assert capfd.readouterr().err == "umbra: the file is empty\n"


def test_an_error_of_the_program_leaves_its_traceback(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail_with(ZeroDivisionError("by zero"), tmp_path / "rule.log")
    written = (tmp_path / "rule.log").read_text()
    assert "Traceback" in written
    assert "ZeroDivisionError: by zero" in written

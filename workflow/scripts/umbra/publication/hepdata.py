"""A submission to HEPData, written by hepdata-lib and checked by hepdata-validator without a network."""

from collections.abc import Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hepdata_lib import Submission, Table, Uncertainty, Variable
from hepdata_validator.full_submission_validator import FullSubmissionValidator

from umbra.core.errors import UmbraError
from umbra.results.limits import LimitRow

#: Half-widths of the bands: label -> columns below and above the median.
_BANDS = {
    "68% band": ("expected_minus1", "expected_plus1"),
    "95% band": ("expected_minus2", "expected_plus2"),
}


@dataclass(frozen=True, kw_only=True)
class LimitTable:
    """A table of the submission: limits on one quantity.

    Parameters
    ----------
    name, title
        At most 64 signs, and a sentence.
    quantity, unit
        What is limited.
    location
        Where a reader finds the curve.
    rows
        That have limits.
    qualifiers
        What holds for all: reaction, confidence level, luminosity, energy.
    """

    name: str
    title: str
    quantity: str
    unit: str
    location: str
    rows: Sequence[LimitRow]
    qualifiers: Mapping[str, str]


def write(folder: Path, comment: str, tables: Sequence[LimitTable], resources: Mapping[Path, str]) -> None:
    """Write `submission.yaml`, the tables and the resources, and check them.

    Parameters
    ----------
    folder
        That shall hold them, and nothing else.
    comment
        What the submission is, which HEPData shows.
    tables
        Those with rows.
    resources
        File that goes with the submission -> what it is.

    Raises
    ------
    UmbraError
        If what was written is no valid submission.
    """
    submission = Submission()
    submission.comment = comment
    for each in tables:
        submission.add_table(_table(each))
    for path, description in resources.items():
        submission.add_additional_resource(description, str(path.resolve()), copy_file=True)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder.resolve()
    # hepdata-lib packs an archive into the working directory, with times in it.
    with TemporaryDirectory() as elsewhere, chdir(elsewhere):
        submission.create_files(str(target), validate=False)
    check(folder)


def check(folder: Path) -> None:
    """Validate a submission by the schemas that come with hepdata-validator.

    Raises
    ------
    UmbraError
        Naming the first file that is not valid, and why.
    """
    validator = FullSubmissionValidator()
    if not validator.validate(directory=str(folder)):
        for name, messages in validator.get_messages().items():
            if messages:
                raise UmbraError(f"{name}: not valid for HEPData: {messages[0]}")
        raise UmbraError(f"{folder}: not a valid submission to HEPData")


def _table(limits: LimitTable) -> Table:
    table = Table(limits.name)
    table.description = limits.title
    table.location = limits.location
    table.keywords["observables"] = ["CLS" if "cls" in limits.qualifiers["method"] else "UL"]
    table.keywords["reactions"] = []
    for name, unit in (("mass_gev", "GeV"), ("mass2_gev", "GeV"), ("lifetime_mm", "mm")):
        values = [getattr(row, name) for row in limits.rows]
        if any(value is not None for value in values):
            column = name.rpartition("_")[0]
            table.add_variable(
                Variable(column, is_independent=True, is_binned=False, units=unit, values=values)
            )
    if all(row.observed is not None for row in limits.rows):
        observed = _dependent(f"observed upper limit on {limits.quantity}", limits)
        observed.values = [row.observed for row in limits.rows]
        table.add_variable(observed)
    if all(row.expected is not None for row in limits.rows):
        expected = _dependent(f"expected upper limit on {limits.quantity}", limits)
        expected.values = [row.expected for row in limits.rows]
        for label, (low, high) in _BANDS.items():
            band = Uncertainty(label, is_symmetric=False)
            ends = [(getattr(row, low), getattr(row, high)) for row in limits.rows]
            band.set_values_from_intervals(ends, expected.values)
            expected.add_uncertainty(band)
        table.add_variable(expected)
    return table


def _dependent(name: str, limits: LimitTable) -> Variable:
    variable = Variable(
        name, is_independent=False, is_binned=False, units=limits.unit, zero_uncertainties_warning=False
    )
    for key, value in limits.qualifiers.items():
        variable.add_qualifier(key, value)
    return variable

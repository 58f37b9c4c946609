"""The table of cross-sections: its references, its verdicts."""

from pathlib import Path

import pytest

from umbra.core.errors import UmbraError
from umbra.generation.estimate import Estimate
from umbra.generation.generated import Accuracy
from umbra.generation.processes import registry
from umbra.validation.cross_sections import Comparison, Reference, compare, load

REFERENCES = Path(__file__).parents[3] / "config" / "validation" / "cross_sections.yaml"

#: Those that need no compiled amplitude: their whole table takes seconds.
QUICK = (
    "gamma_aprime",
    "gamma_alp",
    "darkonium_gamma",
    "darkonium_gamma_three_aprime",
    "aprime_higgs",
    "mumu",
    "tautau",
    "gammagamma",
    "three_gamma",
    "mumu_zprime",
    "mumu_scalar",
    "mumu_muonphilic_scalar",
    "mumu_alp",
    "tautau_scalar",
    "tautau_alp",
)


def reference(value_pb: float = 100.0, error_pb: float = 0.1, why: str | None = None) -> Reference:
    return Reference(
        process="mumu",
        value_pb=value_pb,
        error_pb=error_pb,
        source="made up for this test",
        not_comparable=why,
    )


def test_every_reference_is_a_valid_question() -> None:
    references = load(REFERENCES)
    assert len(references) > 50
    assert {r.process for r in references} <= set(registry.names())
    # A comparison that is never judged is worth nothing: most are.
    assert sum(r.judged for r in references) > 0.8 * len(references)


def test_ours_agree_with_every_quick_reference() -> None:
    comparisons = compare(load(REFERENCES), 4e-3, QUICK)
    judged = [c for c in comparisons if c.reference.judged]
    differing = [
        (c.reference.process, c.reference.arguments, c.ratio) for c in judged if c.verdict != "agrees"
    ]
    assert not differing
    assert {c.reference.process for c in comparisons} == set(QUICK)


@pytest.mark.parametrize(
    ("ours", "error", "verdict"),
    [(100.9, 0.0, "agrees"), (101.1, 0.0, "differs"), (103.0, 1.1, "agrees"), (98.0, 0.2, "differs")],
)
def test_verdicts(ours: float, error: float, verdict: str) -> None:
    assert Comparison(reference(), Estimate(ours, error)).verdict == verdict


def test_a_value_whose_error_is_not_known_never_agrees() -> None:
    assert Comparison(reference(), Estimate(100.0, 0.1, Accuracy.FEW_TRIALS)).verdict == "error not known"
    assert Comparison(reference(), Estimate(100.0, 0.5, Accuracy.NOT_REACHED)).verdict == "agrees"


def test_what_is_not_comparable_says_why() -> None:
    comparison = Comparison(reference(why="includes radiation"), Estimate(50.0, 0.0))
    assert comparison.verdict == "includes radiation"
    assert comparison.ratio == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("process: mumus", "unknown process 'mumus'"),
        ("process: mumu, parameters: {mass_gev: 1}", "unknown parameter 'mass_gev'"),
        ("process: mumu, cuts: {photon_theta: [1, 2]}", "unknown cut 'photon_theta'"),
        ("process: mumu, colour: red", "colour"),
        ("process: mumu, cuts: {muon_theta: [1]}", "rows/0/cuts/muon_theta"),
        ("process: mumu, isr: leading_logs", "did you mean 'leading_log'"),
        ("process: mumu, process: tautau", "duplicate key 'process'"),
    ],
)
def test_bad_references_are_refused(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "cross_sections.yaml"
    path.write_text(f"rows: [{{{row}, value_pb: 1.0, error_pb: 0.1, source: made up for this test}}]")
    with pytest.raises(UmbraError, match=message):
        load(path)


def test_unknown_processes_are_refused() -> None:
    with pytest.raises(UmbraError, match="no cross-section to compare with for: pingpong"):
        compare(load(REFERENCES), 1e-2, ["pingpong"])

"""The small run of three channels: what it leaves, that it is reproducible, and how it fails."""

import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from umbra.results.limits import read_limits

CHANNELS = {
    "alp_3gamma_belle2": "g_agammagamma_per_gev",
    "aprime_dilepton_babar": "epsilon",
    "zprime_invisible_belle2_2018": "g_prime",
}
#: Interpretations that take what a paper saw for the data.
PUBLISHED_DATA = {"zprime_invisible_belle2_2018": {"lmu_ltau", "fully_invisible"}}
ALP = ("scan=tiny", 'channels=["alp_3gamma_belle2"]')


@pytest.mark.parametrize(("channel", "coupling"), CHANNELS.items())
def test_limits_and_plots_of_each_channel(finished, channel: str, coupling: str):
    folder = finished.folder / "results" / channel
    for name in ("exclusion", "cross_section", "efficiency", "cutflow"):
        for suffix in ("pdf", "png", "csv"):
            assert (folder / f"{name}.{suffix}").stat().st_size > 500
    rows = read_limits(folder / "limits.csv")
    assert {row.quantity for row in rows} == {"yield", "cross_section_fb", coupling}
    assert {row.status for row in rows} <= {"converged", "excluded_window"}
    converged = [row for row in rows if row.converged]
    assert converged
    assert all(row.expected_minus2 <= row.expected <= row.expected_plus2 for row in converged)
    observing = {row.model for row in converged if row.observed is not None}
    assert observing == PUBLISHED_DATA.get(channel, set())


def test_summary_and_validation_are_there(finished):
    results = finished.folder / "results"
    assert {path.stem for path in (results / "summary").glob("*.png")} >= {
        "alp_photon",
        "dark_photon_visible",
        "z_prime",
    }
    page = (results / "validation" / "index.md").read_text()
    assert all(channel in page for channel in CHANNELS)


def test_provenance_names_code_configuration_and_versions(finished):
    for channel in CHANNELS:
        record = json.loads((finished.folder / "results" / channel / "limits.provenance.json").read_text())
        assert {"code_digest", "configuration_digest", "libraries", "umbra_commit"} <= record.keys()


def test_a_second_run_does_nothing(finished):
    assert finished.planned() == set()


def test_nothing_is_written_outside(finished):
    allowed = {"results", "logs", ".snakemake"}
    tracked = {path.name for path in Path(__file__).parents[2].iterdir()}
    assert {path.name for path in finished.folder.iterdir()} <= allowed | tracked


def test_a_run_killed_on_two_cores_ends_on_one_with_the_same_bytes(finished, checkout):
    """Kill the process group when the first skim is there, and start again.

    At night three channels are killed twenty times, in tests/cluster.
    """
    table = "alp_3gamma_belle2_table"
    process = subprocess.Popen(
        checkout.command(table, "--cores", "2"),
        cwd=checkout.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not list(checkout.folder.glob("results/*/skims/*.root")) and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert checkout.limits() == {}
    checkout.run("--unlock")
    checkout.run(table, "--cores", "1")
    (limits,) = checkout.limits().values()
    assert limits == finished.limits()["alp_3gamma_belle2"]


def test_a_corrupt_sample_is_named_and_nothing_else_is_lost(again):
    sample = next((again.folder / "results" / "samples").glob("*/three_gamma/*.root"))
    whole = sample.read_bytes()
    sample.unlink()
    sample.write_bytes(whole[: len(whole) // 2])
    before = again.limits()
    failed = again.run("--cores", "2", check=False, config=ALP)
    assert failed.returncode != 0
    assert str(sample.relative_to(again.folder)) in failed.stdout + failed.stderr
    assert again.limits() == before


def test_bad_settings_stop_the_run_with_one_sentence(again):
    failed = again.run("--cores", "1", check=False, config=("scan=tiny", 'channels=["no_such_channel"]'))
    assert failed.returncode != 0
    assert "there is no channel 'no_such_channel'" in failed.stdout + failed.stderr


def test_an_injected_signal_is_found_at_its_mass(again):
    mass = sorted(
        {row.mass_gev for row in read_limits(again.folder / "results/alp_3gamma_belle2/limits.csv")}
    )[2]
    data = {"kind": "asimov", "inject": {"mass_gev": mass, "coupling": 6e-3}}
    overrides = json.dumps({"alp_3gamma_belle2": {"data": data}})
    again.run("--cores", "2", "alp_3gamma_belle2_plot", config=(*ALP, f"overrides={overrides}"))
    (block,) = (again.folder / "results/alp_3gamma_belle2/fits").glob("*.json")
    points = {point["mass_gev"]: point for point in json.loads(block.read_text())["points"]}
    best = max(points.values(), key=lambda point: point["z"])
    assert best["mass_gev"] == mass
    expected = (6e-3 / 1e-3) ** 2 / points[mass]["coupling_power_per_mu"] * 1e-6
    assert best["mu_hat"] == pytest.approx(expected, rel=0.05)


def test_toys_have_an_observed_limit_and_a_scan_of_p_values(again):
    overrides = json.dumps({"alp_3gamma_belle2": {"data": {"kind": "toy", "seed": 7}}})
    again.run("--cores", "2", "alp_3gamma_belle2_plot", config=(*ALP, f"overrides={overrides}"))
    folder = again.folder / "results/alp_3gamma_belle2"
    assert all(row.observed is not None for row in read_limits(folder / "limits.csv") if row.converged)
    assert (folder / "p_values.png").stat().st_size > 500


@pytest.mark.parametrize("channel", CHANNELS)
def test_limits_are_near_the_published_ones(finished, channel: str):
    """Few masses and events: coarser than the bounds of the validation page, which the default scan is held to."""
    with (finished.folder / "results/validation/verdicts.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["channel"] == channel and not row["to_gev"]]
    assert rows
    for row in rows:
        # A cross-section goes with the square of the coupling.
        power = 2 if row["quantity"] == "cross_section_fb" else 1
        assert int(row["bins"]) >= 10
        assert float(row["median_abs_log10_ratio"]) < 0.15 * power

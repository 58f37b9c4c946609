"""The chain on files of another generator: their skims agree with those of our events."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from event_files import Event, Lhe, Line, isotropic, open_source, total
from umbra.commands.export import export
from umbra.config import project as configuration
from umbra.config.records import Channel, Sample
from umbra.core import events, particles, seeds
from umbra.core.errors import UmbraError
from umbra.core.io import read_json
from umbra.core.kinematics import momentum
from umbra.generation.settings import GeneratorSettings
from umbra.selection.skims import Table, read
from umbra.stages.generate import Request, generate
from umbra.stages.skim import skim

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
CUTS = {"photon_energy": (0.25, None), "photon_theta": (10.0, 170.0), "pair_angle": (10.0, None)}
OURS = {"radiation": "none", "weighted": False, "chunk_events": 20_000}
FILE = {"frame": "centre_of_mass", "generator": "MadGraph5_aMC@NLO 3.1.1"}
ALP_FILE = FILE | {
    "file": str(DATA / "gamma_alp_m1.lhe.gz"),
    "mass_gev": 1.0,
    "pdg_id_map": {"9000002": particles.ALP},
    "coupling": {"value": 1e-3, "power": 2},
}
REFERENCE = {"value": 1e-3, "power": 2}
THEIRS: dict[str, dict[str, Any]] = {
    "gamma_alp": {
        "external": [ALP_FILE],
        "decay": "alp_to_photons",
        "reference_coupling": REFERENCE,
    },
    "three_gamma": {"external": [FILE | {"file": str(DATA / "three_gamma.lhe.gz")}]},
}
OWN: dict[str, dict[str, Any]] = {
    "gamma_alp": {
        "parameters": {},
        "cuts": {"cos_theta": (-0.95, 0.95)},
        "masses_gev": [1.0],
        "decay": "alp_to_photons",
        **OURS,
    },
    "three_gamma": {"parameters": {}, "cuts": CUTS, **OURS},
}


def channel(name: str = "alp_3gamma_belle2") -> Channel:
    run = {"channels": [name], "scan": "tiny"}
    return configuration.load(run, ROOT / "config").records[name]


def candidates(sample: Path, of: Channel, out: Path) -> Table:
    """Skim a sample as a background of a channel."""
    settings = Sample(
        name=out.stem,
        role="background",
        origin="external",
        process="external",
        machine=of.machine,
        generator=GeneratorSettings(),
        events=0,
    )
    skim([sample], of, settings, out, out.with_suffix(".json"), {})
    return read(out)


def make(folder: Path, process: str, generator: dict[str, Any]) -> Path:
    path = folder / f"{process}-000.root"
    settings = GeneratorSettings.model_validate(generator)
    generate(Request(channel().machine, process, settings, 0), path, path.with_suffix(".json"), "test")
    return path


def skimmed(folder: Path, process: str, generator: dict[str, Any]) -> tuple[Table, float, float]:
    """Candidates, their number per generated event, and its error."""
    sample = make(folder, process, generator)
    out = folder / "skim.root"
    table = candidates(sample, channel(), out)
    generated = sum(record["weight"] for record in read_json(sample.with_suffix(".json"))["samples"])
    of_event = np.bincount(table["event"].astype(int), table["weight"])
    return table, float(of_event.sum()) / generated, float(np.sqrt((of_event**2).sum())) / generated


def of_events(table: Table) -> Table:
    """Least and largest value among the candidates of each event, which are not independent of each other."""
    order = np.argsort(table["event"], kind="stable")
    _, first = np.unique(table["event"][order], return_index=True)
    columns = ("m2_pair_gev2", "m2_recoil_gev2", "min_photon_energy_gev", "helicity_cosine")
    least = {f"least {name}": np.minimum.reduceat(table[name][order], first) for name in columns}
    return least | {f"largest {name}": np.maximum.reduceat(table[name][order], first) for name in columns}


@pytest.mark.parametrize("process", ["gamma_alp", "three_gamma"])
def test_skims_agree(tmp_path: Path, process: str) -> None:
    """Their few events are what they are; the detector's dice, which the folder fixes, are thrown five times."""
    ours, our_efficiency, our_error = skimmed(tmp_path / "ours", process, OWN[process])
    b = of_events(ours)
    agreement = []
    for dice in range(5):
        theirs, their_efficiency, their_error = skimmed(tmp_path / f"{dice}", "external", THEIRS[process])
        assert abs(their_efficiency - our_efficiency) < 4.0 * np.hypot(their_error, our_error)
        a = of_events(theirs)
        assert len(a["least m2_pair_gev2"]) > 15
        agreement.append(min(float(ks_2samp(a[name], b[name]).pvalue) for name in a) * len(a))
    assert np.median(agreement) > 0.01, agreement


def test_external_events_are_in_the_laboratory_with_their_cross_section(tmp_path: Path) -> None:
    path = make(tmp_path, "external", THEIRS["gamma_alp"])
    batch = next(events.read(path))
    machine = channel().machine
    total = (batch.p4 * (batch.status == events.FINAL)[..., None]).sum(axis=1)
    np.testing.assert_allclose(
        total, np.tile(machine.total * 10.58 / machine.sqrt_s_gev, (400, 1)), atol=1e-6
    )
    record = read_json(path.with_suffix(".json"))["samples"][0]
    assert record["cross_section_pb"] == pytest.approx(0.10678)
    assert record["mass_gev"] == 1.0
    assert record["generator"] == "MadGraph5_aMC@NLO 3.1.1"


def with_lifetime(folder: Path, life_mm: float) -> str:
    """Copy the fixture with a proper decay length (VTIMUP) for each ALP."""
    text = gzip.decompress(Path(ALP_FILE["file"]).read_bytes()).decode()
    lines = [line.split() for line in text.splitlines()]
    for words in lines:
        if words[:1] == ["9000002"]:
            words[11] = repr(life_mm)
    path = folder / "alive.lhe"
    path.write_text("\n".join(" ".join(words) for words in lines))
    return str(path)


def test_lifetimes_of_files_and_of_the_declaration_displace_the_decays(tmp_path: Path) -> None:
    given = {"decay": "alp_to_photons", "reference_coupling": REFERENCE}
    cases = {
        "vtimup": ALP_FILE | {"file": with_lifetime(tmp_path, 2.5)},
        "ctau": ALP_FILE | {"pdg_id_map": {"9000002": {"name": "alp", "lifetime_mm": 2.5}}},
        "prompt": ALP_FILE,
    }
    proper = {}
    for name, declaration in cases.items():
        batch = next(events.read(make(tmp_path / name, "external", given | {"external": [declaration]})))
        flight = batch.vertex_mm[:, 2]
        np.testing.assert_array_equal(flight, batch.vertex_mm[:, 3])
        np.testing.assert_allclose(np.cross(flight, batch.p4[:, 1, :3]), 0.0, atol=1e-3)
        proper[name] = np.linalg.norm(flight, axis=1) / momentum(batch.p4[:, 1])
    np.testing.assert_allclose(proper["vtimup"], 2.5, rtol=1e-5)
    assert abs(proper["ctau"].mean() - 2.5) < 5.0 * 2.5 / np.sqrt(400)
    assert not proper["prompt"].any()
    with pytest.raises(UmbraError, match="has a lifetime but does not decay"):
        make(
            tmp_path / "invisible", "external", {"external": [cases["ctau"]], "reference_coupling": REFERENCE}
        )


@pytest.mark.parametrize("suffix", [".lhe.gz", ".hepmc3"])
def test_a_sample_of_the_workflow_survives_its_export(tmp_path: Path, suffix: str) -> None:
    own = OWN["gamma_alp"] | {"chunk_events": 200, "radiation": "leading_log"}
    path = make(tmp_path, "gamma_alp", own)
    out = tmp_path / f"out{suffix}"
    export(path, out)
    frame = "lab" if suffix == ".hepmc3" else "centre_of_mass"
    given = {"file": str(out), "frame": frame, "generator": "umbra", "mass_gev": 1.0, "coupling": REFERENCE}
    original = next(events.read(path))
    again = next(open_source(given, channel().machine).batches())
    np.testing.assert_array_equal(again.pdg_id, original.pdg_id)
    np.testing.assert_allclose(again.p4, original.p4, atol=1e-10)


def test_a_broken_file_leaves_no_sample(tmp_path: Path) -> None:
    broken = tmp_path / "broken.lhe.gz"
    broken.write_bytes(Path(ALP_FILE["file"]).read_bytes()[:-2000])
    with pytest.raises(UmbraError, match=r"broken\.lhe\.gz: broken or truncated LHE file after event"):
        make(
            tmp_path / "out",
            "external",
            THEIRS["gamma_alp"] | {"external": [ALP_FILE | {"file": str(broken)}]},
        )
    assert list((tmp_path / "out").iterdir()) == []


def dark_photons(folder: Path, decayed: bool, code: Any) -> dict[str, Any]:
    """Return e+e- -> photon A' with A' -> chi chibar, as MadGraph writes it, or with A' undecayed."""
    rng = seeds.generator("dark photons")
    events: list[Event] = []
    for mass in 3.0 + 0.0005 * rng.uniform(-1.0, 1.0, 400):
        photon, dark = isotropic(rng, total(), 0.0, mass)
        pair = isotropic(rng, dark, 1.0, 1.0)
        chi = [Line(sign * 4900101, 1, p4, 1.0, mother=4) for sign, p4 in zip((1, -1), pair, strict=True)]
        boson = Line(4900023, 2 if decayed else 1, dark, mass)
        events.append([Line(22, 1, photon, 0.0), boson, *(chi if decayed else [])])
    file = Lhe(events, 0.02).write(folder / f"{decayed}.lhe")
    declared = FILE | {"file": file, "mass_gev": 3.0, "coupling": REFERENCE}
    declared["pdg_id_map"] = {"4900023": "aprime", "4900101": code}
    return {"external": [declared], "reference_coupling": REFERENCE}


def test_dark_matter_of_any_code_is_not_seen(tmp_path: Path) -> None:
    """Photons of the same events recoil against an undecayed A', chi of ours, or a particle that has a free code."""
    settings = channel("aprime_invisible_belle2")
    free = {"pdg_id": particles.FREE[-1], "name": "dark matter"}
    found = []
    for name, given in {
        "undecayed": dark_photons(tmp_path, False, "chi1"),
        "ours": dark_photons(tmp_path, True, "chi1"),
        "free": dark_photons(tmp_path, True, free),
    }.items():
        path = tmp_path / f"{name}-000.root"
        told = GeneratorSettings.model_validate(given)
        generate(Request(settings.machine, "external", told, 0), path, path.with_suffix(".json"), "test")
        out = tmp_path / f"{name}.root"
        table = candidates(path, settings, out)
        found.append(np.sort(table["m2_recoil_gev2"]))
    assert len(found[0]) > 100
    # 2 sqrt(s) times the resolution of the photon's energy is about 2 GeV^2.
    assert np.median(found[0]) == pytest.approx(9.0, abs=1.0)
    for other in found[1:]:
        assert abs(len(other) - len(found[0])) < 4.0 * np.sqrt(len(found[0]))
        assert ks_2samp(other, found[0]).pvalue > 1e-3


def test_two_masses_are_in_the_record_and_in_the_events(tmp_path: Path) -> None:
    rng = seeds.generator("two masses")
    given: list[dict[str, Any]] = []
    for mass2 in (2.0, 1.0):
        pairs = [isotropic(rng, total(), 4.0, mass2) for _ in range(10)]
        events_ = [[Line(25, 1, one, 4.0), Line(9000001, 1, two, mass2)] for one, two in pairs]
        file = Lhe(events_, 0.02 * mass2).write(tmp_path / f"{mass2}.lhe")
        declared = FILE | {"file": file, "mass_gev": 4.0, "mass2_gev": mass2, "coupling": REFERENCE}
        given.append(declared | {"pdg_id_map": {"25": "dark_higgs", "9000001": "aprime"}})
    path = make(tmp_path, "external", {"external": given, "reference_coupling": REFERENCE})
    records = read_json(path.with_suffix(".json"))["samples"]
    found = [(each["mass_gev"], each["mass2_gev"], each["born_pb"]) for each in records]
    assert found == [(4.0, 1.0, 0.02), (4.0, 2.0, 0.04)]
    batch = next(events.read(path))
    np.testing.assert_array_equal(batch.extra["mass2_gev"], np.repeat([1.0, 2.0], 10))

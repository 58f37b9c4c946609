"""Our events as LHE and HepMC3, read back."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyhepmc
import pylhe
import pytest

from event_files import open_source
from samples import made
from umbra.__main__ import main
from umbra.commands.export import export
from umbra.core import events, particles, seeds
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, FINAL, Events, concatenate
from umbra.core.io import write_json
from umbra.core.kinematics import Array, momentum, two_body_decay
from umbra.core.machines import Machine
from umbra.generation.external.ancestry import mothers, proper_times_mm

MACHINE = Machine("superkekb_2018", 7.004, 4.002, 83.0, 0.005)
RECORD = made(
    mass_gev=4.0, events=60, weight=60.0, cross_section_pb=0.25, cross_section_error_pb=0.002
).to_json()
COUPLING = {"value": 1e-3, "power": 2}
SUFFIXES = (".lhe", ".lhe.gz", ".hepmc3", ".hepmc3.gz")


def isotropic(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    return rng.uniform(-1.0, 1.0, n), rng.uniform(-np.pi, np.pi, n)


def dark_higgs_events(n: int = 60) -> Events:
    """Return A' h' in the laboratory: h' -> A' A' at once, A' -> e+ e- after a flight; with energy spread."""
    rng = seeds.generator("test_export")
    total = np.zeros((n, 4))
    total[:, 3] = rng.normal(MACHINE.sqrt_s_gev, 0.005, n)
    first, higgs = two_body_decay(total, 1.0, 4.0, *isotropic(rng, n))
    second, third = two_body_decay(higgs, 1.0, 1.0, *isotropic(rng, n))
    photons = [first, second, third]
    electrons = [two_body_decay(photon, 0.000511, 0.000511, *isotropic(rng, n)) for photon in photons]
    p4 = MACHINE.to_lab(
        np.stack([first, higgs, second, third, *(p for pair in electrons for p in pair)], axis=1)
    )
    flights = p4[:, [0, 2, 3], :3] * rng.exponential(2.0, (n, 3, 1))
    vertex = np.zeros((n, 10, 3))
    vertex[:, 4:] = np.repeat(flights, 2, axis=1)
    dark, boson = particles.DARK_PHOTON, particles.DARK_HIGGS
    ids = [dark, boson, dark, dark, *(11, -11) * 3]
    return Events(
        pdg_id=np.tile(np.array(ids, np.int32), (n, 1)),
        p4=p4,
        weight=np.ones(n),
        vertex_mm=vertex,
        status=np.tile(np.array([DECAYED] * 4 + [FINAL] * 6, np.int8), (n, 1)),
        extra={"mass_gev": np.full(n, 4.0)},
    )


def write_sample(folder: Path, batch: Events, records: list[dict[str, Any]] | None = None) -> Path:
    path = folder / "sample.root"
    events.write(path, [batch])
    content = {
        "machine": {
            "kind": "collider",
            "name": MACHINE.name,
            "electron_energy_gev": 7.004,
            "positron_energy_gev": 4.002,
            "crossing_angle_mrad": 83.0,
            "sqrt_s_spread_gev": 0.005,
        },
        "samples": records or [RECORD],
        "provenance": {"umbra_commit": "0123abc"},
    }
    write_json(path.with_suffix(".json"), content)
    return path


def read_back(path: Path, **keys: Any) -> tuple[Events, float]:
    frame = "lab" if ".hepmc3" in path.name else "centre_of_mass"
    source = open_source(
        {
            "file": str(path),
            "frame": frame,
            "generator": "umbra",
            "mass_gev": 4.0,
            "coupling": COUPLING,
            **keys,
        },
        MACHINE,
    )
    batch = concatenate(list(source.batches(size=25)))
    return batch, source.cross_section_pb


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_round_trip(tmp_path: Path, suffix: str) -> None:
    original = dark_higgs_events()
    sample = write_sample(tmp_path, original)
    out = tmp_path / f"out{suffix}"
    assert main(["export", str(sample), str(out)]) == 0
    assert (out.read_bytes()[:2] == b"\x1f\x8b") == suffix.endswith(".gz")
    batch, cross_section_pb = read_back(out)
    np.testing.assert_array_equal(batch.pdg_id, original.pdg_id)
    np.testing.assert_array_equal(batch.status, original.status)
    np.testing.assert_allclose(batch.p4, original.p4, atol=1e-11)
    # ROOT files keep vertices in single precision; of an LHE file only the length of the flight survives.
    np.testing.assert_allclose(batch.vertex_mm, original.vertex_mm, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(batch.weight, 1.0)
    assert cross_section_pb == pytest.approx(0.25)


def test_equal_events_make_equal_bytes(tmp_path: Path) -> None:
    sample = write_sample(tmp_path, dark_higgs_events())
    for suffix in SUFFIXES:
        for name in ("a", "b"):
            export(sample, tmp_path / f"{name}{suffix}")
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_weights_in_lhe_have_the_cross_section_as_mean(tmp_path: Path) -> None:
    weight = np.tile([0.5, 1.5, 4.0], 20)
    batch = Events(**{**vars(dark_higgs_events()), "weight": weight})
    sample = write_sample(tmp_path, batch, [{**RECORD, "weight": float(weight.sum())}])
    export(sample, tmp_path / "out.lhe")
    found = [event.eventinfo.weight for event in pylhe.LHEFile.fromfile(tmp_path / "out.lhe").events]
    np.testing.assert_allclose(found, 0.25 * weight / weight.mean())
    again, _ = read_back(tmp_path / "out.lhe")
    np.testing.assert_allclose(again.weight, weight / weight.mean())


def test_hepmc_has_beams_with_the_crossing_angle_and_decay_times(tmp_path: Path) -> None:
    sample = write_sample(tmp_path, dark_higgs_events())
    export(sample, tmp_path / "out.hepmc3.gz")
    with pyhepmc.open(tmp_path / "out.hepmc3.gz") as file:
        event = file.read()
    beams = [particle for particle in event.particles if particle.status == 4]
    assert [beam.pid for beam in beams] == [11, -11]
    for beam, expected in zip(beams, (7.004, 4.002), strict=True):
        assert beam.momentum.e == pytest.approx(expected, rel=2e-3)
        assert beam.momentum.px / abs(beam.momentum.pz) == pytest.approx(np.tan(0.0415), rel=2e-3)
    for vertex in event.vertices:
        if vertex.position.t > 0.0:
            mother = vertex.particles_in[0]
            at, p = vertex.position, mother.momentum
            assert at.length() / at.t == pytest.approx(p.length() / p.e, rel=1e-6)


def test_mothers_are_found_through_cascades() -> None:
    batch = dark_higgs_events()
    np.testing.assert_array_equal(mothers(batch), [[-1, -1, 1, 1, 0, 0, 2, 2, 3, 3]] * len(batch))
    times = proper_times_mm(batch, mothers(batch))
    np.testing.assert_allclose(
        times[:, 2], np.linalg.norm(batch.vertex_mm[:, 6], axis=1) / momentum(batch.p4[:, 2]), rtol=1e-6
    )
    assert not times[:, 1].any()
    assert not times[:, 4:].any()


def test_a_decayed_particle_without_daughters_is_refused() -> None:
    batch = dark_higgs_events()
    lonely = Events(**{**vars(batch), "pdg_id": np.where(np.arange(10) == 9, 0, batch.pdg_id)})
    with pytest.raises(UmbraError, match="a decayed particle 9900022 has no daughters"):
        mothers(lonely)


def test_undecayed_lifetimes_go_to_vtimup(tmp_path: Path) -> None:
    rng = seeds.generator("vtimup")
    total = np.tile([0.0, 0.0, 0.0, MACHINE.sqrt_s_gev], (60, 1))
    photon, alp = two_body_decay(total, 0.0, 4.0, *isotropic(rng, 60))
    times = rng.exponential(3.0, 60)
    batch = Events.from_momenta((22, particles.ALP), MACHINE.to_lab(np.stack([photon, alp], axis=1)))
    sample = write_sample(tmp_path, batch.with_extra(mass_gev=np.full(60, 4.0), proper_time_mm=times))
    export(sample, tmp_path / "out.lhe.gz")
    again, _ = read_back(tmp_path / "out.lhe.gz")
    np.testing.assert_allclose(again.extra["proper_time_mm"], times, rtol=1e-10)


def test_one_mass_of_several_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch = dark_higgs_events()
    mixed = batch.with_extra(mass_gev=np.where(np.arange(60) < 20, 4.0, 2.0))
    records = [
        {**RECORD, "events": 20, "weight": 20.0},
        {**RECORD, "mass_gev": 2.0, "events": 40, "weight": 40.0},
    ]
    sample = write_sample(tmp_path, mixed, records)
    assert main(["export", str(sample), str(tmp_path / "out.lhe"), "--mass", "4"]) == 0
    assert len(read_back(tmp_path / "out.lhe")[0]) == 20
    assert main(["export", str(sample), str(tmp_path / "none.lhe")]) == 2
    error = capsys.readouterr().err
    assert "choose one of its masses with --mass and --mass2, not None: [(4.0,), (2.0,)]" in error
    assert not (tmp_path / "none.lhe").exists()


def test_one_pair_of_masses_of_several_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = dark_higgs_events()
    second = np.where(np.arange(len(original)) < 40, 1.0, 3.0)
    records = [RECORD | {"mass2_gev": 1.0, "events": 40, "weight": 40.0}, RECORD | {"mass2_gev": 3.0}]
    records[1] |= {"events": 20, "weight": 20.0, "cross_section_pb": 0.125}
    sample = write_sample(tmp_path, original.with_extra(mass2_gev=second), records)
    out = tmp_path / "out.hepmc3"
    assert main(["export", str(sample), str(out), "--mass", "4", "--mass2", "3"]) == 0
    batch, cross_section_pb = read_back(out)
    assert (len(batch), cross_section_pb) == (20, pytest.approx(0.125))
    np.testing.assert_allclose(batch.p4, original.p4[40:], atol=1e-11)
    assert main(["export", str(sample), str(out), "--mass", "4"]) == 2
    assert "--mass and --mass2, not 4.0: [(4.0, 1.0), (4.0, 3.0)]" in capsys.readouterr().err


def test_bad_input_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = write_sample(tmp_path, dark_higgs_events())
    out = tmp_path / "out"
    assert main(["export", str(sample), str(out / "sample.txt")]) == 2
    assert main(["export", str(tmp_path / "nowhere.root"), str(out / "sample.lhe")]) == 2
    sample.write_bytes(sample.read_bytes()[:2000])
    assert main(["export", str(sample), str(out / "sample.lhe.gz")]) == 2
    errors = capsys.readouterr().err
    for part in (
        "sample.txt: the name must end in",
        "nowhere.json: not readable",
        "sample.root: not a readable",
    ):
        assert part in errors
    assert not out.exists() or not list(out.iterdir())


def test_incomplete_events_and_displaced_collisions_are_refused(tmp_path: Path) -> None:
    batch = dark_higgs_events()
    missing = Events(**{**vars(batch), "status": np.where(np.arange(10) == 9, DECAYED, batch.status)})
    with pytest.raises(UmbraError, match="has no daughters"):
        export(write_sample(tmp_path, missing), tmp_path / "out.lhe")
    half = Events.from_momenta((11, -11), dark_higgs_events().p4[:, 4:6]).with_extra(
        mass_gev=np.full(60, 4.0)
    )
    with pytest.raises(UmbraError, match="GeV of momentum in the centre of mass of machine superkekb_2018"):
        export(write_sample(tmp_path, half), tmp_path / "out.lhe")
    moved = Events(**{**vars(batch), "vertex_mm": batch.vertex_mm + 0.1})
    with pytest.raises(UmbraError, match="not produced at the origin"):
        export(write_sample(tmp_path, moved), tmp_path / "out.lhe")
    export(write_sample(tmp_path, moved), tmp_path / "out.hepmc3")
    again, _ = read_back(tmp_path / "out.hepmc3")
    np.testing.assert_allclose(again.vertex_mm, moved.vertex_mm, rtol=1e-5, atol=1e-5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.hepmc3", "sample.json", "sample.root"]


def test_names_say_that_files_are_gzipped(tmp_path: Path) -> None:
    export(write_sample(tmp_path, dark_higgs_events()), tmp_path / "out.lhe.gz")
    assert gzip.decompress((tmp_path / "out.lhe.gz").read_bytes()).rstrip().endswith(b"</LesHouchesEvents>")

"""Reading samples of other generators, good and bad."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from event_files import open_source
from umbra.core import events, particles
from umbra.core.errors import UmbraError
from umbra.core.events import DECAYED, Events, concatenate
from umbra.core.kinematics import mass_squared, momentum, two_body_decay
from umbra.core.machines import Machine
from umbra.generation.external.declaration import CENTRE_OF_MASS, HEPMC3, LHE, Declaration

DATA = Path(__file__).parents[2] / "data"
MACHINE = Machine("superkekb_2018", 7.004, 4.002, 83.0, 0.005)
ALP: dict[str, Any] = {
    "file": str(DATA / "gamma_alp_m1.lhe.gz"),
    "frame": "centre_of_mass",
    "generator": "MadGraph5_aMC@NLO 3.1.1",
    "pdg_id_map": {9000002: particles.ALP},
    "mass_gev": 1.0,
    "coupling": {"value": 1e-3, "power": 2},
}
HEPMC: dict[str, Any] = {
    "file": str(DATA / "gamma_alp_m1.hepmc3.gz"),
    "frame": "lab",
    "generator": "MadGraph5_aMC@NLO 3.1.1",
    "mass_gev": 1.0,
    "coupling": {"value": 1e-3, "power": 2},
}


def read(given: dict[str, Any], machine: Machine = MACHINE, **options: Any) -> Events:
    return concatenate(list(open_source(given, machine).batches(**options)))


def altered(
    given: dict[str, Any], tmp_path: Path, change: Callable[[str], str], **keys: Any
) -> dict[str, Any]:
    """Copy a fixture, unpacked, with its text changed, and return its declaration."""
    original = Path(given["file"])
    text = gzip.decompress(original.read_bytes()).decode()
    changed = change(text)
    path = tmp_path / original.name.removesuffix(".gz")
    path.write_text(changed)
    return {**given, "file": str(path), **keys}


def replaced(given: dict[str, Any], tmp_path: Path, old: str, new: str, **keys: Any) -> dict[str, Any]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return altered(given, tmp_path, change, **keys)


def particle_line(pdg_id: int, number: int = 3) -> str:
    """Return the line of a particle in event `number` of the ALP fixture."""
    text = gzip.decompress(Path(ALP["file"]).read_bytes()).decode()
    event = text.split("<event>")[number]
    return next(line for line in event.splitlines() if line.split()[:1] == [str(pdg_id)])


def with_column(line: str, column: int, value: str) -> str:
    words = line.split()
    words[column] = value
    return " " + " ".join(words)


# --- what is read


@pytest.mark.parametrize(
    ("name", "code", "ours", "ids", "cross_section_pb"),
    [
        ("gamma_alp_m1", 9000002, particles.ALP, (22, particles.ALP), 0.10678),
        ("gamma_aprime_m1", 9000001, particles.DARK_PHOTON, (22, particles.DARK_PHOTON), 0.0064158),
        ("mumu_zprime_m1", 9000003, particles.Z_PRIME, (-13, 13, particles.Z_PRIME), 0.99717),
        ("three_gamma", None, None, (22, 22, 22), 245.72),
    ],
)
def test_madgraph_samples_are_read(
    name: str, code: int | None, ours: int | None, ids: tuple[int, ...], cross_section_pb: float
) -> None:
    given = {"file": DATA / f"{name}.lhe.gz", "frame": "centre_of_mass", "generator": "MadGraph"}
    if code is not None:
        given |= {
            "pdg_id_map": {code: ours},
            "mass_gev": 1.0,
            "coupling": {"value": 1e-3, "power": 2},
        }
    source = open_source(given, MACHINE)
    batch = concatenate(list(source.batches(frame=CENTRE_OF_MASS)))
    assert len(batch) == 400
    assert (batch.pdg_id == ids).all()
    assert (batch.weight == 1.0).all()
    assert source.cross_section_pb == pytest.approx(cross_section_pb)
    np.testing.assert_allclose(batch.p4.sum(axis=1), [[0.0, 0.0, 0.0, 10.58]] * 400, atol=1e-6)


def test_the_electron_comes_along_plus_z_although_the_file_has_it_the_other_way() -> None:
    text = gzip.decompress(Path(ALP["file"]).read_bytes()).decode()
    first_photon = next(line.split() for line in text.splitlines() if line.split()[:2] == ["22", "1"])
    px, py, pz, e = (float(word) for word in first_photon[6:10])
    photon = read(ALP, frame=CENTRE_OF_MASS).p4[0, 0]
    np.testing.assert_allclose(photon, [-px, py, -pz, e])


def test_the_laboratory_is_that_of_the_machine() -> None:
    batch = read(ALP)
    scale = 10.58 / MACHINE.sqrt_s_gev
    np.testing.assert_allclose(batch.p4.sum(axis=1), np.tile(MACHINE.total * scale, (400, 1)), atol=1e-6)


def test_batches_do_not_change_the_events() -> None:
    whole, parts = read(ALP), read(ALP, size=37)
    np.testing.assert_array_equal(whole.p4, parts.p4)
    assert [len(batch) for batch in open_source(ALP, MACHINE).batches(size=150)] == [150, 150, 100]


def test_plain_and_gzipped_files_are_told_apart_by_content(tmp_path: Path) -> None:
    plain = altered(ALP, tmp_path, lambda text: text)
    misnamed = tmp_path / "gzipped.lhe"
    misnamed.write_bytes(Path(ALP["file"]).read_bytes())
    np.testing.assert_array_equal(read(plain).p4, read(ALP).p4)
    np.testing.assert_array_equal(read({**ALP, "file": str(misnamed)}).p4, read(ALP).p4)


def test_hepmc_has_the_same_events_as_the_lhe_file_it_was_made_from() -> None:
    source = open_source(HEPMC, MACHINE)
    batch = concatenate(list(source.batches(size=60)))
    assert len(batch) == 200
    np.testing.assert_allclose(batch.p4[:, :2], read(ALP).p4[:200], atol=1e-9)
    assert source.cross_section_pb == pytest.approx(0.10678)
    assert (batch.pdg_id == (22, particles.ALP, 22, 22)).all()
    assert (batch.status[:, 1] == DECAYED).all()


def test_hepmc_vertices_lie_along_the_flight_with_the_right_mean_life() -> None:
    batch = read(HEPMC)
    alp, flight = batch.p4[:, 1], batch.vertex_mm[:, 2]
    np.testing.assert_array_equal(batch.vertex_mm[:, 3], flight)
    assert not batch.vertex_mm[:, :2].any()
    times = np.linalg.norm(flight, axis=1) / momentum(alp)
    np.testing.assert_allclose(np.cross(flight, alp[:, :3]), 0.0, atol=1e-9)
    # The proper times were drawn with mean 1 mm: 200 of them have a mean within five standard errors of it.
    assert abs(times.mean() - 1.0) < 5.0 / np.sqrt(200)


def test_hepmc_vertices_are_boosted_with_their_times() -> None:
    lab, rest = read(HEPMC), read(HEPMC, frame=CENTRE_OF_MASS)
    for batch in (lab, rest):
        proper = np.linalg.norm(batch.vertex_mm[:, 2], axis=1) / momentum(batch.p4[:, 1])
        np.testing.assert_allclose(np.cross(batch.vertex_mm[:, 2], batch.p4[:, 1, :3]), 0.0, atol=1e-9)
        np.testing.assert_allclose(
            proper, np.linalg.norm(lab.vertex_mm[:, 2], axis=1) / momentum(lab.p4[:, 1]), rtol=1e-9
        )


def test_units_of_hepmc_are_converted(tmp_path: Path) -> None:
    def scaled(text: str) -> str:
        lines = []
        for line in text.splitlines():
            words = line.split()
            if words[:1] == ["P"]:
                words[4:9] = [repr(1e3 * float(word)) for word in words[4:9]]
            if "@" in words:
                at = words.index("@") + 1
                words[at:] = [repr(0.1 * float(word)) for word in words[at:]]
            lines.append("U MEV CM" if words == ["U", "GEV", "MM"] else " ".join(words))
        return "\n".join(lines) + "\n"

    batch, original = read(altered(HEPMC, tmp_path, scaled)), read(HEPMC)
    np.testing.assert_allclose(batch.p4, original.p4, atol=1e-12)
    np.testing.assert_allclose(batch.vertex_mm, original.vertex_mm, atol=1e-12)


def test_vtimup_of_an_undecayed_particle_is_kept(tmp_path: Path) -> None:
    def live(text: str) -> str:
        lines = [
            with_column(line, 11, "2.5") if line.split()[:1] == ["9000002"] else line
            for line in text.splitlines()
        ]
        return "\n".join(lines)

    batch = read(altered(ALP, tmp_path, live))
    assert (batch.extra["proper_time_mm"] == 2.5).all()
    with pytest.raises(UmbraError, match=r"event 1: both lifetime_mm = 3 and VTIMUP = 2.5 mm are given"):
        read(altered(ALP, tmp_path, live, pdg_id_map={9000002: {"name": "alp", "lifetime_mm": 3.0}}))


@pytest.mark.parametrize("size", [100, 10_000])
def test_lifetime_on_some_events_only_is_refused(tmp_path: Path, size: int) -> None:
    line = particle_line(9000002, number=200)
    given = replaced(ALP, tmp_path, line, with_column(line, 11, "2.5"))
    with pytest.raises(
        UmbraError, match=r"event 200: particle 9900036 has a proper lifetime of 2\.5 mm, where"
    ):
        read(given, size=size)


def test_decay_vertices_of_some_events_only_are_refused(tmp_path: Path) -> None:
    def at_the_origin(text: str) -> str:
        head, tail = text.split("\nE 150 ", 1)
        line = next(line for line in tail.splitlines() if line.startswith("V -2"))
        return head + "\nE 150 " + tail.replace(line, line.split(" @")[0], 1)

    refused(
        altered(HEPMC, tmp_path, at_the_origin), "event 151: particle 9900036 has a proper lifetime of 0 mm"
    )


def test_a_declared_lifetime_needs_an_undecayed_particle() -> None:
    with pytest.raises(UmbraError, match=r"event 1: lifetime_mm = 1 is given; it has 0 undecayed particles"):
        read({**HEPMC, "pdg_id_map": {particles.ALP: {"name": "alp", "lifetime_mm": 1.0}}})


def test_mass_becomes_a_column_and_new_particles_have_it() -> None:
    batch = read(ALP)
    assert (batch.extra["mass_gev"] == 1.0).all()
    np.testing.assert_allclose(mass_squared(batch.p4[:, 1]), 1.0, atol=1e-5)


# --- what is refused


def refused(given: dict[str, Any], message: str, machine: Machine = MACHINE) -> None:
    with pytest.raises(UmbraError, match=message) as error:
        read(given, machine)
    assert Path(given["file"]).name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"frames": "lab"}, "there is no key 'frames'; did you mean 'frame'"),
        ({"frame": "rest"}, "frame: 'rest' is not known"),
        ({"generator": ""}, "generator: '' is too short"),
        ({"mass_gev": -1.0}, r"mass_gev: -1\.0 is not above 0"),
        ({"mass_gev": "1"}, "mass_gev: '1' is not a number"),
        ({"coupling": None}, "the key 'coupling' is missing: the value at which the file was generated"),
        ({"mass_gev": None}, "a coupling without mass_gev: a signal has both"),
        ({"coupling": {"value": 1e-3}}, "coupling: the key 'power' is missing"),
        ({"coupling": {"value": 0.0, "power": 2}}, r"coupling/value: 0\.0 is not above 0"),
        ({"coupling": 1e-3}, r"coupling: 0\.001 is not a mapping"),
        (
            {"pdg_id_map": {9000002: {"name": "alp", "lifetime_mm": float("nan")}}},
            "nan is not a finite number",
        ),
        (
            {"pdg_id_map": {9000002: {"name": "alpha"}}},
            "'alpha' is none of our particles.*did you mean 'alp'",
        ),
        ({"pdg_id_map": {9000002: {"mass_gev": 1.0}}}, "it has no name"),
        ({"pdg_id_map": {9000002: {"mas_gev": 1.0}}}, "no key 'mas_gev'; did you mean 'mass_gev'"),
        ({"pdg_id_map": {9000002: {"name": "alp", "pdg_id": 9900022}}}, "'alp' has the code 9900036"),
        ({"pdg_id_map": {9000002: 36}}, "36 is none of our codes"),
        ({"pdg_id_map": {"alp": 36}}, "the codes in the file must be whole numbers: 'alp'"),
        ({"cross_section_pb": 0.1}, "must be given together"),
        ({"format": "root"}, "format: 'root' is not known"),
        ({"weight": "Default"}, "weights have names in HepMC3 files only"),
        ({"sha256": "abc"}, "sha256: 'abc' does not match the pattern"),
        ({"sha256": "0" * 64}, "SHA-256 is"),
        ({"cross_section_pb": 0.2, "cross_section_error_pb": 0.001}, r"0\.10678 .* declared .* 0\.2"),
        ({"mass_gev": 1.1}, r"event 1: the new particle has a mass of 1 GeV, declared is mass_gev = 1\.1"),
        ({"pdg_id_map": {}}, "event 1: particle 9000002 is in the final state"),
    ],
)
def test_wrong_declarations(keys: dict[str, Any], message: str) -> None:
    refused({**ALP, **keys}, message)


def test_missing_file() -> None:
    refused({**ALP, "file": "nowhere.lhe"}, "there is no such file")
    with pytest.raises(UmbraError, match="'file' must name a file"):
        Declaration.from_mapping({"frame": "lab"})


@pytest.mark.parametrize(
    ("name", "expected"), [("a.lhe", LHE), ("a.lhe.gz", LHE), ("a.hepmc3", HEPMC3), ("a.b.hepmc.gz", HEPMC3)]
)
def test_format_follows_from_the_name(name: str, expected: str) -> None:
    assert Declaration.from_mapping({**ALP, "file": name}).format == expected
    with pytest.raises(UmbraError, match="does not tell the format"):
        Declaration.from_mapping({**ALP, "file": "events.txt"})


def test_right_checksum_is_accepted() -> None:
    digest = hashlib.sha256(Path(ALP["file"]).read_bytes()).hexdigest()
    source = open_source({**ALP, "sha256": digest}, MACHINE)
    assert source.sha256 == digest


def test_other_machines_are_refused() -> None:
    at_3s = Machine("superkekb_3s", 6.855, 3.917, 83.0)
    refused(ALP, r"sqrt\(s\) = 10\.58 GeV is not that of machine superkekb_3s, 10\.3", at_3s)
    refused(HEPMC, "event 1: its beams are not the machine's", at_3s)


def test_wrong_frames_are_refused(tmp_path: Path) -> None:
    refused(
        {**ALP, "frame": "lab"}, "is not frame 'lab' of machine superkekb_2018, where electrons have 7.004"
    )
    refused({**HEPMC, "frame": "centre_of_mass"}, "event 1: its beams are not the machine's")
    # Beams as in the laboratory, but without the crossing angle: the events betray it.
    lab = replaced(ALP, tmp_path, "-11 11 5.290000e+00 5.290000e+00", "-11 11 4.002 7.004", frame="lab")
    refused(lab, "event 1: its beams are not the machine's in the declared frame")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-11 11 5.29", "2212 11 5.29", "beams of particles 2212 and 11"),
        ("-4 1\n", "-7 1\n", r"weighting strategy \(IDWTUP\) -7"),
        ("-4 1\n", "-4 2\n", "2 processes stated, 1 found"),
        ("1.067800e-01 5.622800e-05", "nan 5.622800e-05", "not a finite number"),
        ("1.067800e-01 5.622800e-05", "0.0 0.0", "states no cross-section; give cross_section_pb"),
        (
            "1.067800e-01 5.622800e-05",
            "1.2 5.622800e-05",
            "have mean 0.10678 and sum 42.712, the cross-section is 1.2",
        ),
        ("<init>", "<initial>", "broken or truncated LHE file after event 0"),
        ("</event>\n<event>", "</even>\n<event>", "broken or truncated LHE file after event 0"),
        ("<event>\n 4 1 ", "<event>\n 5 1 ", "event 1: it states 5 particles and has 4"),
        ("<event>\n 4 1 +1.0678", "<event>\n 4 1 +x.0678", "broken or truncated LHE file after event 0"),
        ("<event>\n 4 1 +1.0678000e-01", "<event>\n 4 1 nan", "event 1: a weight is nan"),
    ],
)
def test_broken_lhe(tmp_path: Path, old: str, new: str, message: str) -> None:
    refused(replaced(ALP, tmp_path, old, new), message)


@pytest.mark.parametrize(
    ("pdg_id", "column", "value", "message"),
    [
        (22, 6, "nan", r"event 3: a momentum component of particle 22 is not finite \(nan\)"),
        (22, 10, "0.3", "event 3: particle 22 is off its mass shell"),
        (22, 9, "-1.0", "event 3: particle 22 has energy -1 GeV"),
        (22, 0, "2", "event 3: particle 2 is in the final state"),
        (22, 0, "13", "event 3: particle 13 has a mass of 0 GeV instead of 0.105658 GeV"),
        (9000002, 1, "3", "event 3: it has 0 new particles"),
        (9000002, 2, "4", "event 3: particle 4 stands before its mother 4"),
        (9000002, 11, "-1.0", "event 3: particle 9900036 has a proper lifetime of -1 mm"),
        (-11, 1, "3", "event 3: it has 1 beam particles instead of 2"),
        (-11, 0, "22", "event 3: the incoming particle 22 is no beam electron"),
    ],
)
def test_broken_particles(tmp_path: Path, pdg_id: int, column: int, value: str, message: str) -> None:
    line = particle_line(pdg_id)
    refused(replaced(ALP, tmp_path, line, with_column(line, column, value)), message)


def test_lost_momentum(tmp_path: Path) -> None:
    line = particle_line(22)
    words = line.split()
    momenta = [float(word) for word in words[6:10]]
    words[6:10] = [repr(1.01 * value) for value in momenta]
    expected = 0.01 * max(abs(value) for value in momenta)
    refused(
        replaced(ALP, tmp_path, line, " ".join(words)),
        rf"event 3: momentum is not conserved: a component differs by {expected:.3g}",
    )


def test_radiation_is_no_lost_beam(tmp_path: Path) -> None:
    """Beams that radiated before the hard process have less energy, by a light-like momentum."""
    total = np.array([0.0, 0.0, 5.29 - 3.0, 5.29 + 3.0])
    photon, alp = two_body_decay(total, 0.0, 1.0, np.array(0.3), np.array(0.0))

    def radiated(text: str) -> str:
        head, first, *rest = text.split("<event>\n")
        rows = [(-11, -1, [0.0, 0.0, 5.29, 5.29], 0.0), (11, -1, [0.0, 0.0, -3.0, 3.0], 0.0)]
        rows += [(22, 1, photon.tolist(), 0.0), (9000002, 1, alp.tolist(), 1.0)]
        lines = [
            f"{code} {status} 0 0 0 0 {px} {py} {pz} {e} {m} 0 9" for code, status, (px, py, pz, e), m in rows
        ]
        return "<event>\n".join([head, "\n".join([first.splitlines()[0], *lines, "</event>\n"]), *rest])

    batch = read(altered(ALP, tmp_path, radiated), frame=CENTRE_OF_MASS)
    np.testing.assert_allclose(batch.p4[0].sum(axis=0), [0.0, 0.0, -2.29, 8.29], atol=1e-12)


@pytest.mark.parametrize("kept", [0.3, 0.9])
@pytest.mark.parametrize("given", [ALP, HEPMC], ids=["lhe", "hepmc3"])
@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_truncated_files(tmp_path: Path, given: dict[str, Any], kept: float, packed: bool) -> None:
    content = Path(given["file"]).read_bytes()
    if not packed:
        content = gzip.decompress(content)
    path = tmp_path / Path(given["file"]).name.removesuffix("" if packed else ".gz")
    path.write_bytes(content[: int(kept * len(content))])
    refused({**given, "file": str(path)}, "broken or truncated (LHE|HepMC3) file after event")


@pytest.mark.parametrize("given", [ALP, HEPMC], ids=["lhe", "hepmc3"])
def test_garbage_in_a_gzipped_file(tmp_path: Path, given: dict[str, Any]) -> None:
    content = bytearray(Path(given["file"]).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    path = tmp_path / Path(given["file"]).name
    path.write_bytes(content)
    refused({**given, "file": str(path)}, "broken or truncated")


def test_a_hepmc_file_cut_between_events_is_not_a_short_one(tmp_path: Path) -> None:
    given = altered(HEPMC, tmp_path, lambda text: text[: text.index("\nE 100 ") + 1])
    refused(given, "END_EVENT_LISTING' is missing")


def test_an_unreadable_hepmc_event(tmp_path: Path) -> None:
    def without_a_vertex(text: str) -> str:
        start = text.index("\nE 100 ")
        vertex = text.index("\nV -2", start)
        return text[:vertex] + text[text.index("\n", vertex + 1) :]

    refused(altered(HEPMC, tmp_path, without_a_vertex), "after event 100: the next event cannot be read")


@pytest.mark.parametrize("given", [ALP, HEPMC], ids=["lhe", "hepmc3"])
def test_no_events(tmp_path: Path, given: dict[str, Any]) -> None:
    def emptied(text: str) -> str:
        if text.startswith("<"):
            return text[: text.index("<event>")] + "</LesHouchesEvents>"
        return text[: text.index("\nE ") + 1] + "HepMC::Asciiv3-END_EVENT_LISTING\n"

    refused(altered(given, tmp_path, emptied), "it has no events")


def test_the_formats_are_not_mixed_up() -> None:
    refused({**ALP, "format": "hepmc3"}, "not a HepMC3 ASCII file")
    refused({**HEPMC, "format": "lhe"}, "broken or truncated LHE file after event 0")


def test_hepmc_without_cross_section_needs_a_declared_one(tmp_path: Path) -> None:
    given = altered(
        HEPMC,
        tmp_path,
        lambda text: "".join(
            line for line in text.splitlines(True) if not line.startswith("A 0 GenCrossSection")
        ),
    )
    refused(given, "states no cross-section; give cross_section_pb")
    source = open_source({**given, "cross_section_pb": 0.1, "cross_section_error_pb": 0.0}, MACHINE)
    assert sum(len(batch) for batch in source.batches()) == 200
    assert source.cross_section_pb == 0.1


def reweighted(text: str, strategy: str, weights: list[float]) -> str:
    head, *rest = text.replace("-4 1\n", f"{strategy} 1\n", 1).split("<event>\n")
    values = (weights[i % len(weights)] for i in range(len(rest)))
    body = [
        event.replace("+1.0678000e-01", repr(value), 1) for event, value in zip(rest, values, strict=True)
    ]
    return "<event>\n".join([head, *body])


@pytest.mark.parametrize(
    ("strategy", "weights", "relative"),
    [
        ("3", [1.0], [1.0]),
        ("3", [0.10678 / 400], [1.0]),
        ("-3", [1.0, 1.0, -1.0, 1.0], [1.0, 1.0, -1.0, 1.0]),
        ("1", [0.05339, 0.16017], [0.5, 1.5]),
    ],
)
def test_weighting_strategies(
    tmp_path: Path, strategy: str, weights: list[float], relative: list[float]
) -> None:
    batch = read(altered(ALP, tmp_path, lambda text: reweighted(text, strategy, weights)))
    np.testing.assert_allclose(batch.weight[: len(relative)], relative)


@pytest.mark.parametrize(
    ("strategy", "weights", "message"),
    [
        ("3", [1.0, 2.0], "weights from 1 to 2 under strategy"),
        ("3", [0.2], "have mean 0.2 and sum 80"),
        ("4", [0.10678 / 400], "have mean 0.00026695"),
        ("-4", [0.10678, -0.10678], "the sum of its 400 weights is 0, not positive"),
        ("1", [0.0], "the first 400 events have zero weights|not positive"),
    ],
)
def test_wrong_weights(tmp_path: Path, strategy: str, weights: list[float], message: str) -> None:
    refused(altered(ALP, tmp_path, lambda text: reweighted(text, strategy, weights)), message)


def test_a_bad_file_leaves_nothing_behind(tmp_path: Path) -> None:
    line = particle_line(22, number=300)
    given = replaced(ALP, tmp_path, line, with_column(line, 6, "nan"))
    out = tmp_path / "out" / "sample.root"
    with pytest.raises(UmbraError, match="event 300"):
        events.write(out, open_source(given, MACHINE).batches(size=50))
    assert list(out.parent.iterdir()) == []


def test_a_good_file_becomes_a_sample(tmp_path: Path) -> None:
    out = tmp_path / "sample.root"
    assert events.write(out, open_source(HEPMC, MACHINE).batches(size=50)) == 200
    np.testing.assert_allclose(concatenate(list(events.read(out))).p4, read(HEPMC).p4)

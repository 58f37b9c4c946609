"""Several files in one sample, and files in the states that files come in."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from event_files import BACKGROUND, MACHINE, SIGNAL, Hepmc, Lhe, open_source, photon_and_new, two_photons
from umbra.core import particles
from umbra.core.errors import UmbraError
from umbra.core.events import Events, concatenate
from umbra.generation.external import opening
from umbra.generation.external.combination import ExternalFiles, Point
from umbra.generation.external.declaration import Coupling, Declaration, NewParticle


def points_of(given: Sequence[dict[str, Any]], coupling: Coupling | None = None) -> list[Point]:
    declared = [Declaration.from_mapping(each) for each in given]
    return list(ExternalFiles(declared, MACHINE, coupling).points())


def events_of(point: Point) -> Events:
    return concatenate([batch for source in point.sources for batch in point.batches(source)])


def read(given: dict[str, Any], **options: Any) -> Events:
    return concatenate(list(open_source(given, MACHINE).batches(**options)))


def refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UmbraError, match=message) as error:
        read(given)
    assert Path(given["file"]).name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("head", "unit", "message"),
    [
        ("<header>", b" " * (1 << 20), "a line is longer than 32 MiB"),
        ("", (b"x" * 1023 + b"\n") * 1024, "more than 32 MiB stand before an event or within one"),
    ],
    ids=["one line", "many lines"],
)
def test_a_file_that_swells_without_end_is_refused_before_the_memory_is_full(
    tmp_path: Path, head: str, unit: bytes, message: str
) -> None:
    path = tmp_path / "bomb.lhe.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(f'<LesHouchesEvents version="3.0">\n{head}'.encode())
        for _ in range(64):
            stream.write(unit)
    refused(BACKGROUND | {"file": str(path)}, message)


# --- several files


def common_and_rare(folder: Path) -> list[dict[str, Any]]:
    """Return a background of 245.72 pb (60 events) and one of 0.24572 pb (30 events)."""
    common = Lhe(two_photons("common", 60), 245.72, 0.3).write(folder / "common.lhe")
    rare = Lhe(two_photons("rare", 30), 0.24572, 0.0003).write(folder / "rare.lhe")
    return [
        BACKGROUND | {"file": common, "process": "common"},
        BACKGROUND | {"file": rare, "process": "rare"},
    ]


def test_processes_add_up_each_with_its_own_cross_section(tmp_path: Path) -> None:
    (point,) = points_of(common_and_rare(tmp_path))
    weight = events_of(point).weight
    rate = point.rate()
    assert rate.cross_section_pb == pytest.approx(245.96572, rel=1e-12)
    assert rate.cross_section_error_pb == pytest.approx(np.hypot(0.3, 0.0003), rel=1e-12)
    assert len(weight) == 90
    assert weight.sum() == pytest.approx(90.0, rel=1e-12)
    per_event_pb = rate.cross_section_pb / weight.sum() * np.unique(weight)
    np.testing.assert_allclose(per_event_pb, [0.24572 / 30, 245.72 / 60], rtol=1e-12)


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    given = common_and_rare(tmp_path)
    more = Lhe(two_photons("more", 20), 0.2458, 0.0003).write(tmp_path / "more.lhe")
    given.append(BACKGROUND | {"file": more, "process": "rare"})
    found = []
    for order in permutations(given):
        (point,) = points_of(order)
        found.append((events_of(point), point.rate()))
    for batch, record in found[1:]:
        np.testing.assert_array_equal(batch.p4, found[0][0].p4)
        np.testing.assert_array_equal(batch.weight, found[0][0].weight)
        assert record == found[0][1]


def test_runs_of_a_process_are_averaged_by_their_events(tmp_path: Path) -> None:
    long = Lhe(two_photons("long", 60), 10.0, 0.1).write(tmp_path / "long.lhe")
    short = Lhe(two_photons("short", 20), 10.4, 0.2).write(tmp_path / "short.lhe")
    given = [BACKGROUND | {"file": file, "process": "pairs"} for file in (long, short)]
    (point,) = points_of(given)
    np.testing.assert_allclose(events_of(point).weight, 1.0, rtol=1e-12)
    rate = point.rate()
    assert rate.cross_section_pb == pytest.approx(10.1, rel=1e-12)
    assert rate.cross_section_error_pb == pytest.approx(np.hypot(0.75 * 0.1, 0.25 * 0.2), rel=1e-12)
    with pytest.raises(UmbraError, match=r"give each a process, the same name if they are runs"):
        points_of([each | {"process": process} for each, process in zip(given, ("pairs", None), strict=True)])


def test_runs_with_weights_count_by_their_effective_events(tmp_path: Path) -> None:
    even = Lhe(two_photons("even", 20), 10.0, 0.1)
    # Weights of 1 and 3: 20 events are worth 16.
    uneven = Lhe(two_photons("uneven", 20), 10.0, 0.1, strategy=4, weights=[5.0, 15.0] * 10)
    files = [even.write(tmp_path / "even.lhe"), uneven.write(tmp_path / "uneven.lhe")]
    (point,) = points_of([BACKGROUND | {"file": file, "process": "pairs"} for file in files])
    weight = np.array([batch.weight.sum() for source in point.sources for batch in point.batches(source)])
    assert sorted(weight) == pytest.approx([40.0 * 16.0 / 36.0, 40.0 * 20.0 / 36.0])


def test_negative_weights_take_from_their_own_process(tmp_path: Path) -> None:
    signs = [1.0, 1.0, 1.0, -1.0] * 5
    plain = Lhe(two_photons("plain", 20), 10.0).write(tmp_path / "plain.lhe")
    signed = Lhe(two_photons("signed", 20), 10.0, strategy=-3, weights=signs).write(tmp_path / "signed.lhe")
    (point,) = points_of(
        [BACKGROUND | {"file": file, "process": process} for process, file in (("a", plain), ("b", signed))]
    )
    sums = [sum(batch.weight.sum() for batch in point.batches(source)) for source in point.sources]
    assert sums == pytest.approx([20.0, 20.0], rel=1e-12)


def test_cross_sections_that_disagree_are_no_runs_of_one_process(tmp_path: Path) -> None:
    given = [each | {"process": "same"} for each in common_and_rare(tmp_path)]
    with pytest.raises(UmbraError, match=r"process 'same': its cross-section is .* not runs of one process"):
        points_of(given)


def test_the_same_file_or_the_same_events_twice_are_refused(tmp_path: Path) -> None:
    events = two_photons("twice", 20)
    one = Lhe(events).write(tmp_path / "one.lhe")
    two = Lhe(events, header="another header").write(tmp_path / "two.lhe")
    copied = Lhe(events).write(tmp_path / "copy.lhe")
    given = [BACKGROUND | {"file": file, "process": "pairs"} for file in (one, two, copied)]
    with pytest.raises(UmbraError, match=r"copy\.lhe: it is the same file as .*one\.lhe"):
        points_of(given)
    with pytest.raises(
        UmbraError, match=r"event 1: it has the momenta of .*event 1; 20 of 40 events are repeated"
    ):
        points_of(given[:2])


def test_masses_are_points_of_their_own_at_the_coupling_that_is_asked_for(tmp_path: Path) -> None:
    given = []
    for mass, value in ((3.0, 1e-3), (1.0, 2e-3), (2.0, 1.0)):
        file = Lhe(photon_and_new(f"at {mass}", [mass] * 10), 0.4, 0.004).write(tmp_path / f"m{mass}.lhe")
        given.append(SIGNAL | {"file": file, "mass_gev": mass, "coupling": {"value": value, "power": 2}})
    points = points_of(given, Coupling(value=1e-3, power=2.0))
    assert [point.masses_gev["mass_gev"] for point in points] == [1.0, 2.0, 3.0]
    weights = [events_of(point).weight for point in points]
    assert all((weight == 1.0).all() for weight in weights)
    found = [point.rate().born_pb for point in points]
    assert found == pytest.approx([0.1, 0.4e-6, 0.4], rel=1e-12)
    errors = [point.rate().born_error_pb for point in points]
    assert errors == pytest.approx([0.001, 0.4e-8, 0.004], rel=1e-12)
    with pytest.raises(UmbraError, match="a signal needs the coupling of the channel"):
        points_of(given)


def test_runs_of_a_signal_may_be_made_at_different_couplings(tmp_path: Path) -> None:
    one = Lhe(photon_and_new("one", [1.0] * 10), 0.1).write(tmp_path / "one.lhe")
    two = Lhe(photon_and_new("two", [1.0] * 30), 0.4).write(tmp_path / "two.lhe")
    given = [SIGNAL | {"file": file, "process": "gamma_alp"} for file in (one, two)]
    given[1]["coupling"] = {"value": 2e-3, "power": 2}
    (point,) = points_of(given, Coupling(value=1e-3, power=2.0))
    np.testing.assert_allclose(events_of(point).weight, 1.0, rtol=1e-12)
    assert point.rate().born_pb == pytest.approx(0.1, rel=1e-12)


# --- files that were written one after the other


def joined(folder: Path, *files: Lhe, between: str = "\n") -> dict[str, Any]:
    path = folder / "joined.lhe"
    path.write_text(between.join(file.text.rstrip() for file in files) + "\n")
    return BACKGROUND | {"file": str(path)}


@pytest.mark.parametrize("size", [7, 10_000])
@pytest.mark.parametrize("between", ["\n", "", "\n\n \n"])
def test_all_of_several_lhe_files_in_one_are_read(tmp_path: Path, size: int, between: str) -> None:
    first, second = two_photons("first", 30), two_photons("second", 15)
    given = joined(tmp_path, Lhe(first, 10.0, 0.1), Lhe(second, 10.3, 0.1, strategy=4), between=between)
    source = open_source(given, MACHINE)
    batch = concatenate(list(source.batches(size=size, frame="centre_of_mass")))
    expected = [[line.p4 for line in event] for event in first + second]
    np.testing.assert_allclose(batch.p4, expected, atol=1e-12)
    assert source.cross_section_pb == pytest.approx(10.1, rel=1e-12)
    assert source.cross_section_error_pb == pytest.approx(np.hypot(30 * 0.1, 15 * 0.1) / 45, rel=1e-12)
    np.testing.assert_allclose(batch.weight, 1.0, rtol=1e-12)


def test_files_in_one_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    first, second = two_photons("first", 30), two_photons("second", 15)
    given = joined(tmp_path, Lhe(first, 10.0), Lhe(second, 11.0))
    refused(given, r"part 2, from event 31 on: its cross-section is 11 .* that of the first is 10 ")
    refused(
        joined(tmp_path, Lhe(first), Lhe(first)),
        "event 31: it has the momenta of .* 30 of 60 events are repeated",
    )
    other = Lhe(second).text.replace("5.29 5.29", "5.0 5.0")
    path = tmp_path / "other.lhe"
    path.write_text(Lhe(first).text + other)
    refused(BACKGROUND | {"file": str(path)}, "sqrt.s. = 10 GeV is not that of machine")
    path.write_text(Lhe(first).text + "and so on\n")
    refused(BACKGROUND | {"file": str(path)}, "broken or truncated LHE file after event 30")


def test_several_hepmc_files_in_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "joined.hepmc3"
    path.write_text(Hepmc(two_photons("a", 5)).text + Hepmc(two_photons("b", 5)).text)
    refused(BACKGROUND | {"file": str(path)}, "2 HepMC3 files that were written one after the other")


# --- repeated events


def test_an_event_that_is_repeated_is_found(tmp_path: Path) -> None:
    events = two_photons("repeats", 20)
    events[13] = events[4]
    refused(
        BACKGROUND | {"file": Lhe(events).write(tmp_path / "a.lhe")},
        r"event 14: it has the momenta of .*a\.lhe: event 5; 1 of 20 events are repeated",
    )
    refused(
        BACKGROUND | {"file": Hepmc(events).write(tmp_path / "a.hepmc3")},
        r"event 14: it has the momenta of .*a\.hepmc3: event 5",
    )


def test_equal_momenta_of_other_particles_are_no_repetition(tmp_path: Path) -> None:
    events = photon_and_new("kinds", [1.0] * 10)
    others = photon_and_new("kinds", [1.0] * 10, code=9000003)
    given = SIGNAL | {
        "file": Lhe(events + others).write(tmp_path / "a.lhe"),
        "pdg_id_map": {9000002: "alp", 9000003: "scalar"},
    }
    assert len(read(given)) == 20


def test_a_number_that_several_events_have_is_found(tmp_path: Path) -> None:
    events = two_photons("numbers", 10)
    given = BACKGROUND | {
        "file": Hepmc(events, numbers=[1, 2, 3, 4, 5, 6, 7, 3, 9, 3]).write(tmp_path / "a.hepmc3")
    }
    refused(given, r"event 8: it has the number 3 of event 3, .* \(2 of 10 do so\)")
    # Not all generators number their events.
    given["file"] = Hepmc(events, numbers=[0] * 10).write(tmp_path / "b.hepmc3")
    assert len(read(given)) == 10


# --- weights with names


@pytest.mark.parametrize(
    ("names", "declared", "chosen"),
    [
        (["Weight", "muR2"], None, 0),
        (["muR2", "Default"], None, 1),
        (["up", "down", "nominal"], None, 2),
        (["only"], None, 0),
        (["a", "b", "c"], "b", 1),
        (["Default", "muR2"], "muR2", 1),
        ([], "1", 1),
    ],
)
def test_the_nominal_weight_is_taken_by_its_name(
    tmp_path: Path, names: list[str], declared: str | None, chosen: int
) -> None:
    number = len(names) or 3
    weights = [[float((i + j) % 4 + 1) for j in range(number)] for i in range(12)]
    file = Hepmc(two_photons("names", 12), names, weights).write(tmp_path / "a.hepmc3")
    given = BACKGROUND | {"file": file} | ({} if declared is None else {"weight": declared})
    expected = np.array([each[chosen] for each in weights])
    np.testing.assert_allclose(read(given).weight, expected / expected[0])


def test_the_cross_section_is_that_of_the_weight(tmp_path: Path) -> None:
    file = Hepmc(two_photons("xs", 3), ["up", "Default"], [[1.0, 1.0]] * 3, cross_sections_pb=[0.2, 0.1])
    source = open_source(BACKGROUND | {"file": file.write(tmp_path / "a.hepmc3")}, MACHINE)
    source.read_through()
    assert (source.cross_section_pb, source.cross_section_error_pb) == (0.1, 0.01)


@pytest.mark.parametrize(
    ("names", "declared", "message"),
    [
        (["muR1", "muR2"], None, "do not tell the nominal weight: give weight: one of 'muR1', 'muR2'"),
        (["Default", "Weight"], None, "do not tell the nominal weight"),
        ([], None, "do not tell the nominal weight: give weight: one of '0', '1'"),
        (["muR1", "Default"], "muR3", "there is no weight 'muR3'; its weights: 'muR1', 'Default'"),
    ],
)
def test_weights_that_are_not_told_apart(
    tmp_path: Path, names: list[str], declared: str | None, message: str
) -> None:
    file = Hepmc(two_photons("names", 4), names, [[1.0, 2.0]] * 4).write(tmp_path / "a.hepmc3")
    refused(BACKGROUND | {"file": file} | ({} if declared is None else {"weight": declared}), message)


def test_events_without_weights_have_the_weight_one(tmp_path: Path) -> None:
    events = two_photons("none", 6)
    given = BACKGROUND | {"file": Hepmc(events).write(tmp_path / "a.hepmc3")}
    assert (read(given).weight == 1.0).all()
    refused(given | {"weight": "Default"}, "there is no weight 'Default'; its weights: none")
    given["file"] = Hepmc(events, weights=[[2.0], [2.0], [], [2.0], [2.0], [2.0]]).write(
        tmp_path / "b.hepmc3"
    )
    refused(given, "event 3: it has 0 weights, the first one has 1")


# --- files in the states that they come in


def packed_with_zstd(content: bytes) -> bytes:
    zstd = pytest.importorskip("backports.zstd")
    return bytes(zstd.compress(content))


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".gz", gzip.compress),
        (".zst", packed_with_zstd),
    ],
)
def test_compressed_files_are_read_and_cut_ones_refused(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    events = two_photons("packed", 40)
    for name, file in (("a.lhe", Lhe(events)), ("a.hepmc3", Hepmc(events))):
        path = tmp_path / (name + suffix)
        content = pack(file.text.encode())
        path.write_bytes(content)
        given = BACKGROUND | {"file": str(path)}
        assert len(read(given)) == 40
        path.write_bytes(content[: len(content) // 2])
        refused(given, "broken or truncated")
        path.write_bytes(content[:12])
        refused(given, "broken or truncated")


def test_zstd_without_a_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("compression", "backports", "backports.zstd"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    path = tmp_path / "a.lhe.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(20))
    refused(BACKGROUND | {"file": str(path)}, "compressed with zstd.*unpack it with zstd -d")


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.lhe", Lhe(two_photons("zip", 3)).text)


def tarred(path: Path) -> None:
    Lhe(two_photons("tar", 3)).write(path.with_suffix(".txt"))
    with tarfile.open(path, "w:gz") as archive:
        archive.add(path.with_suffix(".txt"), "a.lhe")


@pytest.mark.parametrize("name", ["a.lhe", "a.hepmc3"])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.touch(), r"it is empty \(0 bytes\)"),
        (lambda path: path.write_bytes(b" \n\n"), "it is blank"),
        (lambda path: path.write_bytes(gzip.compress(b"")), "it is empty once it is unpacked"),
        (lambda path: path.mkdir(), "it is a folder, not a file"),
        (lambda path: path.symlink_to(path.with_name("gone")), "there is no such file"),
        (zipped, "it is a zip archive: unpack it"),
        (tarred, "it is a tar archive: unpack it"),
        (lambda path: path.write_bytes(b"root\x00\x00" + bytes(100)), "it is a ROOT file"),
        (lambda path: path.write_text("<LesHouchesEvents>", "utf-16"), "it is a text in UTF-16"),
        (
            lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"),
            "it is a pointer of Git LFS",
        ),
        (lambda path: path.write_text("<!DOCTYPE html>\n<html></html>\n"), "it is a page of the web"),
    ],
)
def test_what_is_no_event_file_is_named(
    tmp_path: Path, name: str, make: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / name
    make(path)
    refused(BACKGROUND | {"file": str(path)}, message)


def test_hepmc2_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.hepmc"
    path.write_text("\nHepMC::Version 2.06.09\nHepMC::IO_GenEvent-START_EVENT_LISTING\n")
    refused(BACKGROUND | {"file": str(path)}, r"HepMC2 \(IO_GenEvent\): convert it to HepMC3")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n 22 ", "\n\n \t\n 22 "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("<init>", "<!-- one -->\n<!-- two,\nwith <event> -->\n<init>"),
        lambda text: text.replace(
            "<header>", "<header>\n<MGRunCard> pt < 5 & eta > 2 </MGRunCard>\n<slha>\n"
        ),
        lambda text: text.replace("<init>", "<!-- a <header> in it --><init>"),
        lambda text: text.replace("<header>\n\n</header>\n", ""),
        lambda text: text.replace("</event>", "</event>\n\n# done\n", 1),
        lambda text: text + "\n\n",
    ],
    ids=[
        "blank lines",
        "CRLF",
        "comments",
        "header that is no XML",
        "comment on a header",
        "no header",
        "comment",
        "blank end",
    ],
)
def test_what_stands_between_events_does_not_matter(tmp_path: Path, change: Callable[[str], str]) -> None:
    original = Lhe(two_photons("lines", 9))
    path = tmp_path / "changed.lhe"
    changed = change(original.text)
    assert changed != original.text
    path.write_bytes(changed.encode())
    expected = read(BACKGROUND | {"file": original.write(tmp_path / "original.lhe")})
    np.testing.assert_array_equal(read(BACKGROUND | {"file": str(path)}).p4, expected.p4)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_names_of_people_do_not_matter(tmp_path: Path, encoding: str) -> None:
    text = Lhe(two_photons("umlaut", 9), header="by Müller").text
    text = text.replace("</init>", "<generator name='Größe' version='1'>by Müller</generator>\n</init>")
    path = tmp_path / "a.lhe"
    path.write_bytes(text.encode(encoding))
    assert len(read(BACKGROUND | {"file": str(path)})) == 9


def test_the_line_of_an_error_is_that_of_the_file(tmp_path: Path) -> None:
    text = Lhe(two_photons("line", 9), header="one\ntwo\n\nthree <").text
    parts = text.split("<event>")
    parts[4] = parts[4].replace("</event>", "</evnt>")
    changed = "<event>".join(parts)
    path = tmp_path / "a.lhe"
    path.write_text(changed)
    line = changed[: changed.index("</evnt>")].count("\n") + 1
    refused(BACKGROUND | {"file": str(path)}, f"broken or truncated LHE file after event .*line {line},")


def test_every_suffix_of_a_compressed_file_has_its_reader() -> None:
    for suffix in opening.SUFFIXES:
        assert Declaration.from_mapping(BACKGROUND | {"file": f"a.lhe{suffix}"}).format == "lhe"


def test_a_declaration_is_plain_content_and_back() -> None:
    given = SIGNAL | {
        "file": "a.hepmc3.gz",
        "weight": "Default",
        "pdg_id_map": {"35": {"name": "scalar"}, "-36": 9910001},
    }
    declared = Declaration.model_validate(given)
    plain = declared.model_dump(mode="json", exclude_none=True)
    assert Declaration.model_validate(plain) == declared
    assert plain["format"] == "hepmc3"
    schema = Declaration.model_json_schema()
    for each in (given, plain):
        jsonschema.validate(each, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**given, "pdg_id_map": {"35": 1.5}}, schema)


def test_every_key_and_every_name_stands_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "external.md").read_text(encoding="utf-8")
    keys = [*Declaration.model_fields, *NewParticle.model_fields, *Coupling.model_fields, *particles.CODES]
    assert [key for key in keys if f"`{key}`" not in page] == []

"""Results that were changed since they were made are found, whatever was done to them, and no others."""

import base64
import json
import os
import shutil
from pathlib import Path

import pytest

from umbra.commands import manifest
from umbra.core.errors import UmbraError

NAMES = ("results/a/limits.csv", "results/a/fits/block_000.json", "results/" + 40 * "long/" + "name.json")


def record(folder: Path, name: str) -> Path:
    """Return where Snakemake keeps what it knows about an output; a long name is cut into folders."""
    encoded = base64.urlsafe_b64encode(name.encode()).decode()
    parts = [encoded[start : start + 254] for start in range(0, len(encoded), 254)]
    return folder.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])


def make(project: Path, name: str, text: str = "content") -> None:
    """Do as a job of Snakemake does: write the output, then the record of it."""
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    about = record(project / ".snakemake/metadata", name)
    about.parent.mkdir(parents=True, exist_ok=True)
    remember(project, name)


def remember(project: Path, name: str) -> None:
    """Record that Snakemake made the output at the time that its stamp says."""
    about = record(project / ".snakemake/metadata", name)
    about.write_text(json.dumps({"endtime": (project / name).stat().st_mtime}))


def damage(path: Path, content: bytes) -> None:
    """Change a file's bytes and keep its time stamp, as a disk or a restored backup does."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def touch(path: Path) -> None:
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 5_000_000_000))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    for name in NAMES:
        make(tmp_path, name)
    return tmp_path


def test_manifest_lists_the_digest_of_each_result(made: Path) -> None:
    (made / "results/a/notes.txt").write_text("not made by a job")
    manifest.write(made)
    listed = json.loads((made / manifest.MANIFEST).read_text())
    # sha256 of b"content"
    digest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert listed == {name: {"bytes": 7, "sha256": digest} for name in NAMES}


def test_equal_results_have_equal_manifests(made: Path, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("other")
    for name in NAMES:
        make(other, name)
        touch(other / name)
        remember(other, name)
    manifest.write(made)
    manifest.write(other)
    assert (made / manifest.MANIFEST).read_bytes() == (other / manifest.MANIFEST).read_bytes()


def test_untouched_results_stay(made: Path) -> None:
    assert manifest.discard_damaged(made) == []
    manifest.write(made)
    assert manifest.discard_damaged(made) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_changed_result_is_removed_and_only_that(made: Path, name: str, with_manifest: bool) -> None:
    if with_manifest:
        manifest.write(made)
    (made / name).write_text("con")
    touch(made / name)
    assert manifest.discard_damaged(made) == [name]
    assert [other for other in NAMES if not (made / other).exists()] == [name]


@pytest.fixture
def cached(made: Path, tmp_path: Path) -> Path:
    """Make one result a link into the cache, where its file is older; return the file."""
    file = tmp_path / "cache"
    file.write_text("content")
    os.utime(file, (1e9, 1e9))
    link = made / NAMES[0]
    link.unlink()
    link.symlink_to(file)
    record(made / ".snakemake/metadata", NAMES[0]).write_text(json.dumps({"endtime": link.lstat().st_mtime}))
    return file


def test_a_link_into_the_cache_stays(made: Path, cached: Path) -> None:
    assert manifest.discard_damaged(made) == []
    manifest.write(made)
    assert manifest.discard_damaged(made) == []


def test_a_link_whose_file_was_changed_is_removed_and_the_file_left(made: Path, cached: Path) -> None:
    manifest.write(made)
    cached.write_text("con")
    touch(cached)
    assert manifest.discard_damaged(made) == [NAMES[0]]
    assert cached.read_text() == "con"


def test_a_link_in_place_of_a_result_is_removed(made: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("other")
    (made / NAMES[0]).unlink()
    (made / NAMES[0]).symlink_to(tmp_path / "other")
    assert manifest.discard_damaged(made) == [NAMES[0]]


def test_a_result_that_was_only_touched_stays(made: Path) -> None:
    manifest.write(made)
    touch(made / NAMES[0])
    assert manifest.discard_damaged(made) == []


def test_intact_results_from_the_future_get_their_time_back(made: Path) -> None:
    manifest.write(made)
    ends = [(made / name).stat().st_mtime for name in NAMES]
    for name in NAMES:
        os.utime(made / name, (2e10, 2e10))
    (made / NAMES[1]).write_text("another")
    os.utime(made / NAMES[1], (2e10, 2e10))
    assert manifest.discard_damaged(made) == [NAMES[1]]
    assert [(made / name).stat().st_mtime for name in (NAMES[0], NAMES[2])] == [ends[0], ends[2]]


def test_damage_under_an_older_record_is_found(made: Path) -> None:
    """A restored backup brings the record of an earlier run, whose bytes were those of the manifest."""
    manifest.write(made)
    about = record(made / ".snakemake/metadata", NAMES[1])
    earlier = json.loads(about.read_text())["endtime"] - 60
    os.utime(made / NAMES[1], (earlier, earlier))
    about.write_text(json.dumps({"endtime": earlier}))
    assert manifest.discard_damaged(made) == []
    damage(made / NAMES[1], b"CONTENT")
    assert manifest.discard_damaged(made) == [NAMES[1]]


def test_a_result_made_anew_by_a_run_that_died_before_its_manifest_stays(made: Path) -> None:
    manifest.write(made)
    make(made, NAMES[1], "other content")
    touch(made / NAMES[1])
    remember(made, NAMES[1])
    assert manifest.discard_damaged(made) == []
    assert manifest.check_all(made) == manifest.Check(intact=2, damaged=[], unknown=1)
    manifest.write(made)
    listed = json.loads((made / manifest.MANIFEST).read_text())
    assert len({entry["sha256"] for entry in listed.values()}) == 2
    assert manifest.check_all(made) == manifest.Check(intact=3, damaged=[], unknown=0)


@pytest.mark.parametrize("content", [b"cont\x65nu", b"con", b""])
def test_damage_that_keeps_the_time_stamp_of_a_small_result_is_found(made: Path, content: bytes) -> None:
    manifest.write(made)
    damage(made / NAMES[1], content)
    assert manifest.check_all(made).damaged == [NAMES[1]]
    assert manifest.discard_damaged(made) == [NAMES[1]]
    assert [name for name in NAMES if not (made / name).exists()] == [NAMES[1]]


def test_of_a_large_result_each_start_looks_at_the_size_and_a_check_of_all_at_the_bytes(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "SMALL_BYTES", 6)
    manifest.write(made)
    damage(made / NAMES[0], b"CONTENT")
    damage(made / NAMES[1], b"more content")
    assert sorted(manifest.check_all(made).damaged) == sorted(NAMES[:2])
    assert manifest.discard_damaged(made) == [NAMES[1]]


def test_a_clock_that_went_back_makes_no_result_damaged(made: Path) -> None:
    manifest.write(made)
    make(made, NAMES[1], "other content")
    os.utime(made / NAMES[1], (1e9, 1e9))
    remember(made, NAMES[1])
    manifest.write(made)
    assert manifest.discard_damaged(made) == []


def test_without_snakemakes_records_a_check_of_all_still_compares(made: Path) -> None:
    manifest.write(made)
    shutil.rmtree(made / ".snakemake")
    (made / NAMES[2]).write_text("else")
    assert manifest.check_all(made) == manifest.Check(intact=2, damaged=[NAMES[2]], unknown=0)


def test_without_a_manifest_there_is_nothing_to_check(made: Path) -> None:
    with pytest.raises(UmbraError, match=r"results/manifest\.json"):
        manifest.check_all(made)


def test_an_incomplete_result_is_left_to_snakemake(made: Path) -> None:
    marker = record(made / ".snakemake/incomplete", NAMES[1])
    marker.parent.mkdir(parents=True)
    marker.touch()
    (made / NAMES[1]).write_text("half")
    touch(made / NAMES[1])
    assert manifest.discard_damaged(made) == []
    manifest.write(made)
    assert NAMES[1] not in json.loads((made / manifest.MANIFEST).read_text())


@pytest.mark.parametrize(
    "content",
    ["", '{"results/a/lim', "[1]", "null", '{"results/a/limits.csv": "ed70"}', '{"a": {"sha256": "e"}}'],
)
def test_a_damaged_manifest_or_one_of_another_format_knows_nothing(made: Path, content: str) -> None:
    (made / manifest.MANIFEST).write_text(content)
    touch(made / NAMES[0])
    assert manifest.discard_damaged(made) == [NAMES[0]]

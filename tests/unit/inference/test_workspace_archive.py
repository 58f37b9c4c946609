"""An archive of workspaces that is none, or is damaged, is one sentence that names it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from umbra.__main__ import main
from umbra.core.errors import UmbraError
from umbra.inference import workspace

NAME = "photon_alp/3.000000.json"


def packed(*names: str, content: str = '{"a": 1}') -> Callable[[Path], None]:
    """Return what makes an archive with these members."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, content)

    return make


def with_byte(at: Callable[[bytes], int], value: int) -> Callable[[Path], None]:
    """Return what makes an archive with one byte changed."""

    def make(path: Path) -> None:
        packed(NAME, content=json.dumps({"data": list(range(999))}))(path)
        content = bytearray(path.read_bytes())
        content[at(bytes(content))] ^= value
        path.write_bytes(bytes(content))

    return make


def swollen(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(NAME, "w") as member:
        for _ in range(17):
            member.write(b" " * (1 << 24))
        member.write(b"{}")


def cut(path: Path) -> None:
    packed(NAME)(path)
    path.write_bytes(path.read_bytes()[:-30])


NO_ARCHIVES = {
    "text": lambda path: path.write_bytes(b"PK garbage"),
    "empty": lambda path: path.write_bytes(b""),
    "folder": lambda path: path.mkdir(),
    "cut": cut,
    "data": with_byte(lambda content: 60, 0xFF),
    "method": with_byte(lambda content: content.index(b"PK\x01\x02") + 10, 99),
    "password": with_byte(lambda content: content.index(b"PK\x01\x02") + 8, 1),
    "no JSON": packed(NAME, content="{"),
    "a list": packed(NAME, content="[1]"),
    "not UTF-8": packed(NAME, content="{\udcff}".encode("utf-8", "surrogateescape").decode("latin-1")),
    "swollen": swollen,
}
NO_NAMES = {
    "no member": packed(),
    "above": packed("../../evil.json"),
    "absolute": packed("/evil.json"),
    "no mass": packed("photon_alp/three.json"),
    "infinite mass": packed("photon_alp/inf.json"),
    "one word": packed("photon_alp.json"),
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "alp/workspaces/block_000.zip"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("kind", NO_ARCHIVES)
def test_what_is_no_archive_is_one_sentence(archive: Path, kind: str) -> None:
    NO_ARCHIVES[kind](archive)
    with pytest.raises(UmbraError, match=r"block_000\.zip: not a readable archive of workspaces: ."):
        workspace.read_archive(archive)


@pytest.mark.parametrize("kind", [*NO_ARCHIVES, *NO_NAMES])
def test_the_command_says_so_too(archive: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    {**NO_ARCHIVES, **NO_NAMES}[kind](archive)
    results = str(archive.parents[2])
    assert main(["workspace", "alp", "--mass", "3", "--results", results]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "workspaces" in err
    assert err.count("\n") == 1


def test_a_sound_archive_is_read(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed(NAME, "photon_alp/4.000000.json")(archive)
    assert workspace.read_archive(archive) == {
        "photon_alp/3.000000": {"a": 1},
        "photon_alp/4.000000": {"a": 1},
    }
    assert main(["workspace", "alp", "--mass", "3.1", "--results", str(archive.parents[2])]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": 1}

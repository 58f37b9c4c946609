"""The user's configuration beside the one that comes with Umbra."""

import re
from pathlib import Path

import pytest

from umbra.config.folders import Folders
from umbra.config.project import load
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config

SHIPPED = shipped_config()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A configuration folder with one channel, a copy of a shipped one under another name."""
    (tmp_path / "channels").mkdir()
    text = (SHIPPED / "channels" / "alp_3gamma_belle2.yaml").read_text()
    (tmp_path / "channels" / "mine.yaml").write_text(text)
    return tmp_path


def test_the_shipped_folder_is_not_searched_twice():
    assert Folders.of(SHIPPED).places == (SHIPPED,)


def test_without_a_folder_of_ones_own_there_is_what_is_shipped(tmp_path: Path):
    assert load({}, tmp_path / "config").channels.keys() == Folders((SHIPPED,)).files("channels").keys()


def test_channels_of_ones_own_stand_instead_of_the_shipped_ones_and_use_what_is_shipped(own: Path):
    loaded = load({}, own)
    assert list(loaded.channels) == ["mine"]
    assert loaded.channels["mine"]["published_files"] == [
        str(SHIPPED / "published" / f"{name}__BelleII__2007.13071.yaml")
        for name in ("alp_gammagamma_xsec", "alp_gammagamma")
    ]


def test_shipped_channels_can_be_named_or_all_be_made_beside_ones_own(own: Path):
    named = load({"channels": ["mine", "tau_alpha_belle2"]}, own)
    assert sorted(named.channels) == ["mine", "tau_alpha_belle2"]
    for asked in (True, "true"):  # as text it comes from the command line
        beside = load({"shipped_channels": asked}, own)
        assert beside.channels.keys() == {"mine", *(path.stem for path in SHIPPED.glob("channels/*.yaml"))}


def test_a_file_of_ones_own_takes_the_place_of_the_shipped_one(own: Path):
    (own / "machines").mkdir()
    text = (SHIPPED / "machines" / "superkekb_2018.yaml").read_text()
    changed = re.sub(r"electron_energy_gev: [\d.]+", "electron_energy_gev: 7.5", text)
    assert changed != text
    (own / "machines" / "superkekb_2018.yaml").write_text(changed)
    assert load({}, own).records["mine"].machine.electron_energy_gev == 7.5


def test_published_limits_of_both_are_compared_with_and_each_brings_its_ranges(own: Path):
    (own / "published").mkdir()
    for name in ("ranges", "alp_gammagamma__NA64__2005.02710"):
        text = (SHIPPED / "published" / f"{name}.yaml").read_text()
        (own / "published" / f"{name}.yaml").write_text(text)
    files = Folders.of(own).published()
    curves = [path for path in files if path.name != "ranges.yaml"]
    assert [path.parent.parent for path in files if path.name == "ranges.yaml"] == [own, SHIPPED]
    assert own / "published" / "alp_gammagamma__NA64__2005.02710.yaml" in curves
    assert len(curves) == len({path.name for path in curves})
    assert load({}, own).published == [str(path) for path in files]


def test_a_misspelt_name_is_answered_with_the_nearest_one(own: Path):
    with pytest.raises(UmbraError, match=r"there is no superkeb\.yaml in .*; did you mean 'superkekb'\?"):
        Folders.of(own).find("machines", "superkeb")
    with pytest.raises(UmbraError, match=r"there is no zzz\.yaml in .*; known: babar, belle"):
        Folders.of(own).find("detectors", "zzz")

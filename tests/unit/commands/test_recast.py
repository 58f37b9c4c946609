"""`umbra recast` and `umbra publish` as a user calls them."""

import csv
import json
from pathlib import Path

import pytest

from umbra.commands import publish, recast
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config

CONFIG = ["--config", str(shipped_config())]


def test_widths_can_be_looked_at_without_results(capsys: pytest.CaptureFixture[str]) -> None:
    assert recast.main(["b_minus_l", "--print", *CONFIG]) == 0
    rows = {row["mass_gev"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows[0.1]["ee"] == pytest.approx(0.4, rel=1e-4)
    assert rows[0.1]["invisible"] == pytest.approx(0.6, rel=1e-4)


def test_masses_beyond_a_table_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert recast.main(["higgs_portal_scalar", "--print", *CONFIG]) == 0
    rows = {row["mass_gev"]: row for row in json.loads(capsys.readouterr().out)}
    assert "ends at 1.8 GeV" in rows[3.0]["reason"]
    assert "width_gev" in rows[1.0]


def test_a_channel_without_results_is_named_and_nothing_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channels = ["aprime_dilepton_babar", "dark_higgs_visible_babar"]
    arguments = ["b_minus_l", "--channels", *channels, "--results", str(tmp_path), *CONFIG]
    assert recast.main(arguments) == 1
    said = list(csv.DictReader((tmp_path / "recast" / "b_minus_l" / "channels.csv").read_text().splitlines()))
    assert [each["verdict"] for each in said] == ["does not apply", "does not apply"]
    assert "it would apply, but" in said[0]["reason"]
    assert "two particles" in said[1]["reason"]
    assert not (tmp_path / "recast" / "b_minus_l" / "exclusion.png").exists()
    assert "no channel with results" in capsys.readouterr().err


def test_unknown_names_are_refused_with_the_nearest_one() -> None:
    with pytest.raises(UmbraError, match="did you mean 'b_minus_l'"):
        recast.main(["b_minus_1", *CONFIG])
    with pytest.raises(UmbraError, match="did you mean 'aprime_dilepton_babar'"):
        recast.main(["b_minus_l", "--channels", "aprime_dilepton_baba", *CONFIG])


def test_a_record_of_inspire_has_seven_digits() -> None:
    with pytest.raises(UmbraError, match="seven digits"):
        publish.main(["aprime_dilepton_babar", "--inspire", "12", *CONFIG])

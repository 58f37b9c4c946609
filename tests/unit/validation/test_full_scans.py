"""The record of full scans."""

from pathlib import Path

import pytest

from umbra.core.errors import UmbraError
from umbra.validation import full_scans

RECORD = """
scans:
  - {channel: some_channel, hypotheses: 500, without_limit: 2, samples: full, cpu_minutes: 7.25, date: "2026-01-02"}
"""


def test_the_page_names_cost_and_plot_of_each_scan(tmp_path: Path):
    (tmp_path / "record.yaml").write_text(RECORD)
    page = "\n".join(full_scans.section(full_scans.load(tmp_path / "record.yaml")))
    assert (
        "| [`some_channel`](../../docs/full_scans/some_channel.png) | 500 | 2 | full | 7.2 | 2026-01-02 |"
        in page
    )


def test_an_unknown_key_is_an_error(tmp_path: Path):
    (tmp_path / "record.yaml").write_text(RECORD.replace("hypotheses", "masses"))
    with pytest.raises(UmbraError, match=r"record\.yaml"):
        full_scans.load(tmp_path / "record.yaml")


def test_each_full_scan_on_record_is_of_a_channel_and_has_its_plot(project: Path):
    channels = {path.stem for path in (project / "config" / "channels").glob("*.yaml")}
    for scan in full_scans.load(project / "config" / "validation" / "full_scans.yaml"):
        assert scan.channel in channels
        assert (project / "docs" / "full_scans" / f"{scan.channel}.png").is_file()

"""The page of all portals: complete, without a network, and readable without its pictures."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from umbra.core.bibliography import Paper
from umbra.plotting import page
from umbra.plotting.summary import Filled, Panel, masses_range
from umbra.results.limits import LimitRow
from umbra.validation.published import load_curves

FOLDER = Path(__file__).parents[3] / "config" / "published"


class Tags(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def row(mass: float, limit: float, observed: float | None) -> LimitRow:
    bands = dict.fromkeys(("expected_minus2", "expected_minus1", "expected_plus1", "expected_plus2"), limit)
    return LimitRow(
        mass_gev=mass,
        quantity="g_prime",
        method="cls",
        status="converged",
        expected=limit,
        observed=observed,
        **bands,
    )


@pytest.fixture(name="panel")
def _panel() -> Panel:
    rows = [row(1.0, 1e-3, 2e-3), row(2.0, 2e-3, 1e-3)]
    ours = Filled(
        name="four_muon",
        label=r"Belle II 178 fb$^{\mathrm{-1}}$",
        title=r"$Z^\prime$ </script>",
        rows=rows,
        paper=Paper("Phys. Rev. D 1", "2403.02841"),
        level="90% CL",
        projections=[(5e4, [row(1.0, 1e-4, None), row(2.0, 2e-4, None)])],
    )
    curves = load_curves(sorted(FOLDER.glob("zprime_4mu__*.yaml")))
    return Panel(quantity="g_prime", filled=[ours], published=list(curves.values()))


@pytest.fixture(name="written")
def _written(panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(page, "_plotly", lambda: "window.Plotly = {};")
    page.write_page(tmp_path / "index.html", {"z_prime": [panel]})
    return (tmp_path / "index.html").read_text()


def contents(text: str) -> dict:
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text, flags=re.DOTALL)
    return json.loads(data)


def test_nothing_comes_from_a_network(written: str):
    tags = Tags()
    tags.feed(written)
    loaded = [each.get("src") or each.get("href") for _, each in tags.found]
    assert not [each for each in loaded if each and re.match(r"(\w+:)?//", each)]
    (policy,) = (each["content"] for each in tags.of("meta") if "http-equiv" in each)
    assert policy is not None
    assert "default-src 'none'" in policy


def test_every_curve_is_drawn_named_and_can_be_switched(written: str, panel: Panel):
    traces = contents(written)["traces"]
    names = {trace["meta"]["name"] for trace in traces}
    assert len(names) == 2 + len(panel.published) + 1
    tags = Tags()
    tags.feed(written)
    boxes = {each["data-curve"] for each in tags.of("input") if each["type"] == "checkbox"}
    assert boxes == {trace["meta"]["curve"] for trace in traces}
    levels = {trace["meta"]["level"]: trace["y"] for trace in traces if trace["meta"]["channel"]}
    assert levels == {"expected": [1e-3, 2e-3], "observed": [2e-3, 1e-3], "both": [1e-4, 2e-4]}
    assert traces[0]["fill"] == "toself"
    assert "Phys. Rev. D 1, arXiv:2403.02841" in traces[1]["hovertemplate"]


def test_the_axes_are_those_of_the_figure(written: str, panel: Panel):
    layout = contents(written)["layout"]
    assert [10**end for end in layout["xaxis"]["range"]] == pytest.approx(masses_range(panel), rel=1e-5)
    assert layout["yaxis"]["title"]["text"] == "g′"  # noqa: RUF001


def test_who_sees_no_picture_has_a_table_and_headings(written: str, panel: Panel):
    tags = Tags()
    tags.feed(written)
    assert written.count("<tr>") == 1 + 2 + len(panel.published) + 1
    assert all(each.get("alt") for each in tags.of("img"))
    assert [each["scope"] for each in tags.of("th")] == ["col"] * 6
    assert written.count("<label>") == len(tags.of("input"))
    assert tags.of("html") == [{"lang": "en"}]


def test_without_plotly_the_page_shows_the_figures(
    panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page, "find_spec", lambda name: None)
    page.write_page(tmp_path / "index.html", {"z_prime": [panel]})
    text = (tmp_path / "index.html").read_text()
    assert '<p class="static"><img src="z_prime.png"' in text
    assert "<script></script>" in text


def test_plotly_knows_every_attribute_of_the_figures(written: str):
    figure = pytest.importorskip("plotly.graph_objects").Figure
    content = contents(written)
    assert len(figure(data=content["traces"], layout=content["layout"]).data) == len(content["traces"])


def test_plotly_goes_into_the_page_whole():
    pytest.importorskip("plotly")
    text = page._plotly()
    assert len(text) > 1_000_000
    assert "</script" not in text

# ruff: noqa: RUF001
"""Text of figures."""

import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from umbra.core import text as text_module
from umbra.core.errors import UmbraError
from umbra.core.text import check_label, mathtext, power_text, raised, wrap
from umbra.plotting.canvas import name_height


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("m_a [GeV]", "$m_{a}$ [GeV]"),
        ("m_{A′} [GeV]", r"$m_{A^{\mathrm{\prime }}}$ [GeV]"),
        ("L = ε e A′ J_em", r"L = ε e A$^{\mathrm{\prime }}$ $J_{\mathrm{em}}$"),
        ("g_{aγγ} [GeV⁻¹]", r"$g_{aγγ}$ [GeV$^{\mathrm{-1}}$]"),
        ("M²_{recoil} [GeV²]", r"$M^{\mathrm{2}}_{\mathrm{recoil}}$ [GeV$^{\mathrm{2}}$]"),
        ("e⁺e⁻ → γa", "e⁺e⁻ → γa"),
        ("a F F\N{COMBINING TILDE}", r"a F $\tilde{F}$"),
        (r"$m_a$ in GeV_x", r"$m_a$ in GeV_x"),
    ],
)
def test_letters_with_an_index_become_formulas(plain, written):
    assert mathtext(plain) == written


def test_raised_signs_beside_a_formula_become_formulas_too():
    assert raised("e⁺e⁻ → γa, 20 fb") == "e⁺e⁻ → γa, 20 fb"
    assert raised(r"χ₁₂, 20 fb$^{-1}$") == r"χ$_{\mathrm{12}}$, 20 fb$^{-1}$"
    assert raised(r"e⁺e⁻, 20 fb$^{-1}$") == r"e$^{\mathrm{+}}$e$^{\mathrm{-}}$, 20 fb$^{-1}$"


def test_lines_are_broken_at_spaces_but_never_inside_a_formula():
    text = r"before $a + b$ after " + "word " * 20
    lines = wrap(text.strip(), 20)
    assert " ".join(lines) == text.strip()
    assert all(line.count("$") % 2 == 0 for line in lines)
    assert all(len(line) <= 26 for line in lines)


@pytest.mark.parametrize(
    ("value", "written"),
    [(1e-6, "$10^{-6}$"), (3e-8, r"$3 \times 10^{-8}$"), (0.5, "0.5"), (1e7, "$10^{7}$")],
)
def test_powers_of_ten_become_formulas(value, written):
    assert power_text(value) == written


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"$m_{a$ [GeV]", "Expected"),
        (r"$\nosuch$", "Unknown symbol: \\nosuch"),
        (r"$x^2^3$", "Double superscript"),
        (r"$\frac{1}$", "Expected"),
        ("5 $ a piece", "has no partner"),
        ("$a$ and $b", "has no partner"),
    ],
)
def test_a_label_that_cannot_be_drawn_is_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(UmbraError) as error:
        check_label(text, "channel.yaml: plot/x_label")
    assert str(error.value).startswith("channel.yaml: plot/x_label: ")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "m_a [GeV]",
        r"$\sqrt{s}$",
        r"$\frac{1}{2}$",
        r"5 \$ each",
        "$m_{A'}$",
        "B → K a",
        "$e^+e^-$",
        "χ̃_1",
    ],
)
def test_labels_that_can_be_drawn_pass(text: str) -> None:
    check_label(text, "here")


SIGNS = (
    *("a", "2", " ", "+", "{", "}", "_", "^", "\\alpha", "\\mathrm", "\\bar", "\\sum", "\\sin", "\\quad"),
    *("'", "|", "/", "\\prime", "\\overline", "\\max", "\\nosuch", "²", "γ", "ℓ", "Σ"),
)


@hypothesis.given(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=8).map("".join))
@hypothesis.settings(max_examples=300)
def test_what_passes_without_matplotlib_is_what_matplotlib_draws(formula: str) -> None:
    hypothesis.assume(text_module._is_usual(formula))
    MathTextParser("path").parse(f"${formula}$")


def test_all_our_labels_pass_without_matplotlib(project: Path) -> None:
    work = """
import sys
from umbra.config.project import load
from umbra.core.text import check_label
number = 0
for name, channel in load({}).records.items():
    readings = channel.interpretations
    titles = [each.label for each in readings] + [each.coupling.y_label for each in readings if each.coupling]
    for text in (channel.title, channel.axes.mass, *titles):
        check_label(text, name)
        number += 1
print(number, "matplotlib" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", work],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / "workflow/scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    number, matplotlib = done.stdout.split()
    assert int(number) >= 60
    assert matplotlib == "False"


@pytest.mark.parametrize(
    ("title", "rotation"),
    [("ε", 0.0), (r"$g^{\prime}$", 0.0), ("$g_{aγγ}$ [GeV$^{-1}$]", 90.0), ("cross-section [fb]", 90.0)],
)
def test_a_symbol_stands_upright_beside_its_axis(title, rotation):
    axes = Figure().add_subplot()
    name_height(axes, title)
    assert axes.get_ylabel() == title
    assert axes.yaxis.label.get_rotation() == rotation

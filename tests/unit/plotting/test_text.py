# ruff: noqa: RUF001
"""Text of figures."""

import pytest

from umbra.plotting.text import mathtext, power_text, raised, wrap


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

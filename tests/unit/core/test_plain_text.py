"""Formulas in plain Unicode."""

import pytest

from umbra.core.plain_text import plain
from umbra.core.vocabulary import COUPLINGS, PORTALS


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"$g_{a\gamma\gamma}$ [GeV$^{\mathrm{-1}}$]", "g_aγγ [GeV⁻¹]"),  # noqa: RUF001
        (r"$m_{A^\prime}$ [GeV]", "m_A′ [GeV]"),  # noqa: RUF001
        (r"178 fb$^{\mathrm{-1}}$", "178 fb⁻¹"),
        (r"$Z^\prime$ of $L_\mu - L_\tau$", "Z′ of L_μ - L_τ"),  # noqa: RUF001
        (r"$\sin\theta$", "sin θ"),
        ("no formula ε²", "no formula ε²"),
    ],
)
def test_formulas_read_as_text(text: str, read: str) -> None:
    assert plain(text) == read


def test_no_title_of_the_vocabulary_keeps_a_command() -> None:
    for each in (*COUPLINGS.values(), *PORTALS.values()):
        assert not set(plain(each.title)) & set("\\${}")

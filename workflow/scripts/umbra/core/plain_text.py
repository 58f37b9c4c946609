"""Formulas of figures as plain Unicode, for pages that have no mathtext."""

import re
import unicodedata

_PRIME = "\N{PRIME}"
#: Commands of mathtext that are no Greek letters, and what they are in Unicode.
_SIGNS = {
    **{"ell": "\N{SCRIPT SMALL L}", "times": "\N{MULTIPLICATION SIGN}", "prime": _PRIME, "sum": "Σ"},
    **{"to": "→", "rightarrow": "→", "partial": "∂", "pm": "±", "sin": "sin ", "frac": ""},
}
#: Greek letters that Unicode spells in another way than TeX.
_SPELLED = {"varepsilon": "epsilon", "lambda": "lamda", "Lambda": "Lamda"}
#: Signs that have a raised form.
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def plain(text: str) -> str:
    r"""Write formulas between dollars as they read best without mathtext: `$m_{a}^{2}$ [GeV]` as `m_a² [GeV]`."""
    parts = re.split(r"\$([^$]*)\$", text)
    return "".join(_formula(part) if number % 2 else part for number, part in enumerate(parts))


def _formula(formula: str) -> str:
    bare = re.sub(r"\\(?:mathrm|mathbf|mathcal|tilde|bar)(?![A-Za-z])", "", formula)
    named = re.sub(r"\\([A-Za-z]+)(?: (?=[A-Za-z]))?", lambda word: _sign(word[1]), bare)
    lifted = re.sub(r"\^(?:\{+([^{}]*)\}+|(.))", lambda power: _power(power[1] or power[2] or ""), named)
    return re.sub(r"\\[ ,;!]|[{}\\]", "", lifted)


def _sign(command: str) -> str:
    """Sign of a command; its word where there is none."""
    if command in _SIGNS:
        return _SIGNS[command]
    case = "CAPITAL" if command[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {_SPELLED.get(command, command).upper()}")
    except KeyError:
        return command


def _power(power: str) -> str:
    raised = all(sign in f"0123456789+-{_PRIME}" for sign in power)
    return power.translate(_RAISED) if raised else f"^{power}"

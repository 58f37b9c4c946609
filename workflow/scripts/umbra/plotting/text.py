"""Text of figures: indices of plain text as matplotlib's mathtext, and line breaks."""

import re

#: A letter with its index, as the configuration writes it: `m_a`, `M²_{recoil}`; and one with a tilde.
_INDEXED = re.compile("(\\w)([\N{PRIME}²]?)_(?:\\{([^}]*)\\}|(\\w+))")
_TILDE = re.compile("(\\w)\N{COMBINING TILDE}")
_RAISED = re.compile("[\N{PRIME}⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_LOWER = str.maketrans({"\N{PRIME}": r"\prime ", **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))})


def mathtext(text: str) -> str:
    r"""Write letters with an index or a tilde as formulas; other signs of Unicode are drawn as they are.

    Parameters
    ----------
    text
        Such as `m_{A'} [GeV]`. Text that already has formulas between dollars is returned as it is.

    Returns
    -------
    str
        Such as `$m_{A'}$ [GeV]`.
    """
    if "$" in text:
        return text
    return raised(_TILDE.sub(r"$\\tilde{\1}$", _INDEXED.sub(_formula, text)))


def raised(text: str) -> str:
    """Make formulas of raised signs where a text has another formula: it is drawn without the second font then."""
    if "$" not in text:
        return text
    return "".join(
        _RAISED.sub(_raise, part)
        if part.startswith("$")
        else _RAISED.sub(lambda sign: f"${_raise(sign)}$", part)
        for part in re.split(r"(\$[^$]*\$)", text)
    )


def _raise(signs: re.Match[str]) -> str:
    return rf"^{{\mathrm{{{signs[0].translate(_LOWER)}}}}}"


def _formula(match: re.Match[str]) -> str:
    base, raised, braced, bare = match.groups()
    index = braced or bare
    if re.fullmatch("[A-Za-z]{2,}", index):
        index = rf"\mathrm{{{index}}}"
    return f"${base}{raised}_{{{index}}}$"


def power_text(value: float) -> str:
    r"""Write a small or large number with a power of ten, as a formula: `$3 \times 10^{-8}$`."""
    digits, _, exponent = f"{value:g}".partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if digits == "1" else rf"${digits} \times {power}$"


def wrap(text: str, width: int) -> list[str]:
    """Break a text at spaces outside formulas, so that each line is about `width` printed characters long."""
    lines: list[str] = []
    current, length = "", 0
    for word in _words(text):
        printed = len(re.sub(r"\\[a-z]+|[{}$^_]", "", word)) + word.count("\\")
        if current and length + printed > width:
            lines.append(current)
            current, length = "", 0
        current += (" " if current else "") + word
        length += printed + 1
    return [*lines, current] if current else lines


def _words(text: str) -> list[str]:
    """Words of a text, in which a formula between dollars stays whole."""
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("$") % 2:
            words[-1] += " " + word
        else:
            words.append(word)
    return words

"""Text of figures: indices of plain text as matplotlib's mathtext, and line breaks."""

import re

from umbra.core.errors import UmbraError

#: A letter with its index, as the configuration writes it: `m_a`, `M²_{recoil}`; and one with a tilde.
_INDEXED = re.compile("(\\w)([\N{PRIME}²]?)_(?:\\{([^}]*)\\}|(\\w+))")
_TILDE = re.compile("(\\w)\N{COMBINING TILDE}")
_RAISED = re.compile("[\N{PRIME}⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+|[₀₁₂₃₄₅₆₇₈₉]+")
_SUNK = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
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
    """Make formulas of raised and sunk signs where a text has another formula, which is drawn without a second font."""
    if "$" not in text:
        return text
    return "".join(
        _RAISED.sub(_raise, part)
        if part.startswith("$")
        else _RAISED.sub(lambda sign: f"${_raise(sign)}$", part)
        for part in re.split(r"(\$[^$]*\$)", text)
    )


def _raise(signs: re.Match[str]) -> str:
    found = signs[0]
    if found != (sunk := found.translate(_SUNK)):
        return rf"_{{\mathrm{{{sunk}}}}}"
    return rf"^{{\mathrm{{{found.translate(_LOWER)}}}}}"


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
        printed = printed_length(word)
        if current and length + printed > width:
            lines.append(current)
            current, length = "", 0
        current += (" " if current else "") + word
        length += printed + 1
    return [*lines, current] if current else lines


def printed_length(text: str) -> int:
    """Number of signs that are printed of a text with formulas, about."""
    return len(re.sub(r"\\[a-z]+|[{}$^_]", "", text)) + text.count("\\")


def _words(text: str) -> list[str]:
    """Words of a text, in which a formula between dollars stays whole."""
    words: list[str] = []
    for word in text.split(" "):
        if words and words[-1].count("$") % 2:
            words[-1] += " " + word
        else:
            words.append(word)
    return words


#: Commands of mathtext that stand for one sign: those of our own labels and the usual ones of particle physics.
_SIGNS = frozenset(
    re.findall(
        r"\w+",
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar partial "
        "prime to rightarrow leftarrow leftrightarrow times cdot pm mp approx sim leq geq ll gg neq equiv propto infty "
        "sum int prod sin cos tan log ln exp min max quad",
    )
)
#: Commands that change the group after them.
_CHANGES = frozenset(re.findall(r"\w+", "bar hat tilde vec dot overline mathrm mathbf mathit mathcal mathsf"))
#: Characters that mean nothing but themselves within a formula.
_PLAIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 +-=<>/().,;:|*[]!"
    "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩℓ"
)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\?.", re.DOTALL)


def check_label(text: str, where: str) -> None:
    """Refuse a label that figures could not draw, before anything else is done.

    It needs no matplotlib where all formulas are of the usual kind, so that it may be called while the job graph is
    built; for others matplotlib decides.

    Parameters
    ----------
    text
        As the configuration writes it.
    where
        File and key of the text.

    Raises
    ------
    UmbraError
        If mathtext cannot parse a formula, or if a dollar sign has no partner.
    """
    drawn = mathtext(text).replace(r"\$", "")
    parts = drawn.split("$")
    if len(parts) % 2 == 0:
        raise UmbraError(
            f"{where}: {text!r}: a $ has no partner: formulas stand between two, a sign for money is \\$"
        )
    if all(_is_usual(formula) for formula in parts[1::2]):
        return
    from matplotlib.mathtext import MathTextParser  # takes half a second; most runs do not need it

    try:
        MathTextParser("path").parse(mathtext(text))
    except ValueError as error:
        reason = str(error).strip().splitlines()[-1].partition("Exception: ")[2] or str(error)
        raise UmbraError(
            f"{where}: {text!r} is no formula that can be drawn: {' '.join(reason.split())}"
        ) from error


def _is_usual(formula: str) -> bool:
    """Tell whether a formula is surely one of mathtext: usual signs, at most one index and power each."""
    tokens = _TOKEN.findall(formula)
    try:
        return bool(formula.strip()) and _sequence(tokens, 0) == len(tokens)
    except IndexError:
        return False


def _sequence(tokens: list[str], at: int) -> int:
    """Return where a sequence of signs with indices and powers ends."""
    scripts: set[str] = set()
    while at < len(tokens) and tokens[at] != "}":
        if tokens[at] in ("_", "^"):
            if tokens[at] in scripts:
                return -1
            scripts.add(tokens[at])
            at = _sign(tokens, at + 1)
        else:
            # A blank ends nothing for mathtext: `x^2 ^3` has two powers.
            scripts = scripts if tokens[at] == " " else set()
            at = _sign(tokens, at)
        if at < 0:
            return -1
    return at


def _sign(tokens: list[str], at: int) -> int:
    """Return where a sign or a group in braces ends; -1 where it is not a usual one."""
    token = tokens[at]
    if token == "{":
        end = _sequence(tokens, at + 1)
        return end + 1 if end > at + 1 and tokens[end] == "}" else -1
    if token.startswith("\\"):
        if token[1:] in _CHANGES:
            return _sign(tokens, at + 1) if tokens[at + 1] == "{" else -1
        return at + 1 if token[1:] in _SIGNS else -1
    return at + 1 if token in _PLAIN else -1

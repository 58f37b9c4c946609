"""The loader: plain values, marks, and what it refuses."""

from pathlib import Path

import pytest

from umbra.config.yaml import parse, read
from umbra.core.errors import UmbraError


def test_marks_do_not_change_values():
    document = parse(
        "a: !memory 15.9\nb: !memory [1, 2.5e-3]\nc: {x: !memory t, y: !memory {k: !memory 1}}\n", "t"
    )
    assert document.content == {"a": 15.9, "b": [1, 2.5e-3], "c": {"x": "t", "y": {"k": 1}}}
    assert document.memory == (("a",), ("b",), ("c", "x"), ("c", "y"), ("c", "y", "k"))


@pytest.mark.parametrize(
    ("text", "value"), [("1e5", 1e5), ("-2E-3", -2e-3), ("1.e+3", 1e3), ("'1e5'", "1e5"), ("null", None)]
)
def test_numbers_are_numbers_marked_or_not(text: str, value: object):
    assert parse(f"a: {text}", "t").content == parse(f"a: !memory {text}", "t").content == {"a": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [*a]", "line 1: a value contains itself"),
        ("a: 1\nb: {c: 1, c: 2}", "duplicate key 'c'"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("? [1, 2]\n: 3", "a key must be a word or a number"),
        ("a: [1", "not valid YAML"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("a: 2020-13-45", "not valid YAML"),
        (
            "a: &x [1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(
                f"{b}: &{b} [{', '.join(8 * ['*' + a])}]\n" for a, b in zip("xbcdef", "bcdefg", strict=True)
            ),
            "more than 200000 values, once its aliases are followed .&x, &b, &c",
        ),
    ],
)
def test_what_is_not_plain_is_refused_with_a_sentence(text: str, message: str):
    with pytest.raises(UmbraError, match=f"t: .*{message}"):
        parse(text, "t")


def test_files_name_what_is_wrong_with_them(tmp_path: Path):
    path = tmp_path / "x.yaml"
    with pytest.raises(UmbraError, match=r"x\.yaml: cannot be read: No such file"):
        read(path)
    path.write_bytes("a: é".encode("latin-1"))
    with pytest.raises(UmbraError, match="not encoded in UTF-8: byte 0xe9 at 3"):
        read(path)
    path.write_bytes(b"a: " + b"x" * 3_000_000)
    with pytest.raises(UmbraError, match="3000003 bytes are too many"):
        read(path)

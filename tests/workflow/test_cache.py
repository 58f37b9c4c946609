"""The cache between checkouts: what it serves, what it must not, and that it is there only for those who ask."""

import shutil
from pathlib import Path

SKIMS = "results/alp_3gamma_belle2/skims"
TARGETS = (f"{SKIMS}/three_gamma.root", f"{SKIMS}/gamma_gamma.root")
CONFIG = ("scan=tiny", 'channels=["alp_3gamma_belle2"]')


def skim(checkout, cache: Path) -> None:
    """Make the skims of the backgrounds; to name one rule switches the cache on for skims as well."""
    options = {"config": CONFIG, "environment": {"SNAKEMAKE_OUTPUT_CACHE": str(cache)}}
    checkout.run("--cores", "2", *TARGETS, "--cache", "generate", **options)


def computed(checkout) -> set[str]:
    """Tell what a run computed: it left a log, empty where Snakemake took the outputs from the cache."""
    return {
        path.parent.name if "samples" in path.parts else path.stem
        for path in (checkout.folder / "logs").rglob("*.log")
        if path.stat().st_size
    }


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_second_checkout_computes_what_the_cache_lacks_and_no_more(checkout, tmp_path):
    other = type(checkout)(shutil.copytree(checkout.folder, tmp_path / "other"))
    cache = tmp_path / "cache"
    cache.mkdir()

    skim(checkout, cache)
    assert computed(checkout) == {"three_gamma", "gammagamma", "skim_three_gamma", "skim_gamma_gamma"}
    first = content(cache)

    skim(other, cache)
    assert computed(other) == set()
    assert content(cache) == first
    for target in TARGETS:
        assert (other.folder / target).read_bytes() == (checkout.folder / target).read_bytes()

    process = other.folder / "workflow/scripts/umbra/generation/processes/three_gamma.py"
    process.write_text(process.read_text() + "\n# a comment\n")
    skim(other, cache)
    assert computed(other) == {"three_gamma", "skim_three_gamma"}
    # Two files of the sample and two of the skim are new; what the first checkout made is still there.
    second = content(cache)
    assert len(second) == len(first) + 4
    assert first.items() <= second.items()


def test_without_the_variable_no_rule_asks_for_a_cache(checkout):
    assert "eligible for caching" not in checkout.run("--dry-run", "--cores", "1", config=CONFIG).stderr

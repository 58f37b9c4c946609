"""The skim stage: the normalisation of what the chunks of a sample generated, and the dice of the detector."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from samples import made
from umbra.config.project import load
from umbra.config.records import Channel, Sample
from umbra.core.errors import UmbraError
from umbra.core.machines import Machine
from umbra.generation.generated import Generated, Sidecar
from umbra.selection import skims
from umbra.selection.skims import Table
from umbra.stages.generate import Request, generate
from umbra.stages.skim import generated, skim

MACHINE = Machine("superkekb", 7.004, 4.002, 83.0)


def chunks(folder: Path, *samples: tuple[Generated, ...]) -> list[Path]:
    for i, each in enumerate(samples):
        Sidecar(machine=MACHINE, samples=each, provenance={}).write(folder / f"{i}.json")
    return [folder / f"{i}.root" for i in range(len(samples))]


def test_chunks_add_up_by_mass(tmp_path: Path) -> None:
    light, heavy = made(mass_gev=1.0), made(mass_gev=2.0, cross_section_pb=1.0)
    found = generated(chunks(tmp_path, (light, heavy), (light, heavy.model_copy(update={"events": 5}))))
    assert [(each.mass_gev, each.events, each.weight, each.effective_events) for each in found] == [
        (1.0, 20, 20.0, 20.0),
        (2.0, 15, 20.0, 20.0),
    ]


def test_pairs_of_masses_are_kept_apart(tmp_path: Path) -> None:
    pairs = [made(mass_gev=1.0, mass2_gev=second) for second in (0.1, 0.2)]
    found = generated(chunks(tmp_path, tuple(pairs), tuple(pairs)))
    assert [(each.masses, each.events) for each in found] == [((1.0, 0.1), 20), ((1.0, 0.2), 20)]


def test_parts_with_different_cross_sections_are_not_mixed(tmp_path: Path) -> None:
    """They were once: the first cross-section stood for the events of both."""
    files = chunks(tmp_path, (made(), made(cross_section_pb=0.002)))
    with pytest.raises(
        UmbraError, match=r"parts of one sample at mass_gev = None have the cross-sections 2 and 0\.002"
    ):
        generated(files)


@pytest.fixture(scope="module")
def searched(project: Path) -> Channel:
    return load({"channels": ["alp_3gamma_belle2"]}, project / "config").records["alp_3gamma_belle2"]


@pytest.fixture(scope="module")
def twins(searched: Channel, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two chunks with the same events, so that only the detector can tell them apart."""
    folder = tmp_path_factory.mktemp("gamma_alp")
    sample = _sample(searched)
    first, second = folder / "sample-000.root", folder / "sample-001.root"
    told = sample.generator.model_copy(update={"masses_gev": (2.0,), "chunk_events": 400})
    generate(Request(sample.machine, sample.process, told, 0), first, first.with_suffix(".json"), "test")
    shutil.copy(first, second)
    shutil.copy(first.with_suffix(".json"), second.with_suffix(".json"))
    return [first, second]


def _sample(channel: Channel) -> Sample:
    return channel.samples[channel.categories[0].signal]


def candidates(files: list[Path], channel: Channel, folder: Path) -> Table:
    path = folder / "skim.root"
    skim(files, channel, _sample(channel), path, path.with_suffix(".json"), {})
    return skims.read(path)


def test_each_chunk_has_dice_of_its_own(searched: Channel, twins: list[Path], tmp_path: Path) -> None:
    found = candidates(twins, searched, tmp_path)
    masses = found["m2_pair_gev2"]
    first = masses[found["event"] < 400]
    second = masses[found["event"] >= 400]
    assert min(len(first), len(second)) > 100
    assert not np.isin(first, second).any()


def test_the_dice_of_a_chunk_do_not_depend_on_the_others(
    searched: Channel, twins: list[Path], tmp_path: Path
) -> None:
    both, alone = candidates(twins, searched, tmp_path), candidates(twins[1:], searched, tmp_path)
    second = both["event"] >= 400
    np.testing.assert_array_equal(both["m2_pair_gev2"][second], alone["m2_pair_gev2"])


def test_the_dice_of_a_sample_do_not_depend_on_the_channel(
    searched: Channel, twins: list[Path], tmp_path: Path
) -> None:
    """Channels share samples, and a variant of a channel sees the same events in the same way."""
    variant = searched.model_copy(update={"name": "another"})
    one, other = candidates(twins, searched, tmp_path), candidates(twins, variant, tmp_path)
    assert all(np.array_equal(one[column], other[column]) for column in one)

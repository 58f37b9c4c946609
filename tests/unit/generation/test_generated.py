"""What was generated, as it lies beside a sample."""

import json
from pathlib import Path

import pytest

from samples import made
from umbra.core.errors import UmbraError
from umbra.core.machines import Machine
from umbra.generation.external.declaration import Coupling
from umbra.generation.generated import Accuracy, Sidecar, SourceFile

MACHINE = Machine("superkekb", 7.004, 4.002, 83.0, 0.005)
FILE = SourceFile(
    sha256="0" * 64,
    process=None,
    coupling=Coupling(value=1e-3, power=2),
    events=10,
    cross_section_pb=2.0,
    cross_section_error_pb=0.1,
)


def test_what_is_written_comes_back(tmp_path: Path):
    samples = (
        made(mass_gev=1.0, mass2_gev=0.1, accuracy=Accuracy.REACHED, born_accuracy=Accuracy.FEW_TRIALS),
        made(files=(FILE,)),
    )
    sidecar = Sidecar(machine=MACHINE, samples=samples, provenance={"seed": [1]})
    sidecar.write(tmp_path / "sample.json")
    assert Sidecar.beside(tmp_path / "sample.root") == sidecar
    plain = json.loads((tmp_path / "sample.json").read_text())["samples"][1]
    assert plain["mass_gev"] is None
    assert {"mass2_gev", "accuracy"}.isdisjoint(plain)


def test_a_record_that_lacks_a_number_is_refused_with_its_place(tmp_path: Path):
    path = tmp_path / "sample.json"
    Sidecar(machine=MACHINE, samples=(made(),), provenance={}).write(path)
    content = json.loads(path.read_text())
    del content["samples"][0]["weight"]
    path.write_text(json.dumps(content))
    with pytest.raises(UmbraError, match=r"sample\.json: samples/0: the key 'weight' is missing$"):
        Sidecar.beside(path)


def test_a_number_that_is_not_finite_is_refused_where_it_is_written(tmp_path: Path):
    sidecar = Sidecar(machine=MACHINE, samples=(made(weight=float("inf")),), provenance={})
    with pytest.raises(UmbraError, match="samples/0/weight came out as inf"):
        sidecar.write(tmp_path / "sample.json")

"""Where a coupling means something in a plane of two masses."""

import pytest

from umbra.config.interpretations import Coupling, Holds
from umbra.core.errors import UmbraError
from umbra.core.paths import shipped_config
from umbra.theory.darkonium import YUKAWA_BINDING, effective_mixing


def coupling(holds: object) -> Coupling:
    return Coupling(name="epsilon", reference=1e-3, power=2, convention="", y_label="", holds=holds)


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        (None, (True, True, True)),
        ("nowhere", (False, False, False)),
        (Holds(ratio=(6.72, None)), (False, True, True)),
        (Holds(ratio=(None, 10.0)), (True, True, False)),
        (Holds(masses_gev=(0.3, None), ratio=(3.0, None)), (False, True, False)),
    ],
)
def test_points_are_inside_or_not(holds: object, expected: tuple[bool, ...]) -> None:
    points = ((0.2, 1.0), (0.4, 4.0), (0.1, 2.0))
    assert tuple(coupling(holds).holds_at(*point) for point in points) == expected


def test_darkonium_holds_where_it_is_bound() -> None:
    """The ratios of the channel are those of the Yukawa potential, and its references those of alpha_D^4."""
    from umbra.config import yaml

    content = yaml.read(shipped_config() / "channels" / "darkonium_babar.yaml").content
    found = {0.5: content["limit"]["coupling"]}
    for name, each in content["assumptions"].items():
        if name.startswith("alpha_d"):
            found[float(name.removeprefix("alpha_d_").replace("p", "."))] = each["coupling"]
    assert sorted(found) == [0.1, 0.3, 0.5, 0.7, 0.9, 1.1]
    for alpha_d, each in found.items():
        ratio = each["holds"]["ratio"][0]
        assert ratio == pytest.approx(2.0 * YUKAWA_BINDING / alpha_d, rel=1e-6)
        assert effective_mixing(ratio * 1.001, 1.0, 1.0, alpha_d) > 0.0
        with pytest.raises(UmbraError, match="no bound state"):
            effective_mixing(ratio * 0.999, 1.0, 1.0, alpha_d)
        # Flights at the limit go as 1/(m epsilon)^2, the limit as 1/alpha_D^2.
        least = each["holds"].get("masses_gev", [0.001])[0]
        assert least == pytest.approx(0.025 * (alpha_d / 0.5) ** 2, abs=6e-4)
        assert each.get("reference", 1e-3) == pytest.approx(1e-3 * (0.5 / alpha_d) ** 2, rel=1e-6)

"""Records of samples that were never generated."""

from typing import Any

from umbra.generation.generated import Generated


def made(**changes: Any) -> Generated:
    """Say that ten events of weight 1 and 2 pb were generated, but for what is given."""
    told: dict[str, Any] = {
        "mass_gev": None,
        "events": 10,
        "weight": 10.0,
        "effective_events": 10.0,
        "unweighting_efficiency": 1.0,
        "overflow_fraction": 0.0,
        "cross_section_pb": 2.0,
        "cross_section_error_pb": 0.0,
        "born_pb": 2.0,
        "born_error_pb": 0.0,
        "generator": "umbra",
    }
    return Generated(**{**told, **changes})

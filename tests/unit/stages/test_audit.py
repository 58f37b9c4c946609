"""Which workspaces stock pyhf is asked about."""

import copy
from typing import Any

from umbra.stages.audit import MOST_EVENTS, MOST_PARAMETERS, within_reach

SMALL: dict[str, Any] = {
    "channels": [
        {
            "name": "a",
            "samples": [
                {
                    "name": "s",
                    "data": [1.0, 1.0],
                    "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                }
            ],
        }
    ],
    "observations": [{"name": "a", "data": [10.0, 20.0]}],
    "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
    "version": "1.0.0",
}


def test_pyhf_is_asked_about_what_it_can_fit() -> None:
    assert within_reach(SMALL)
    many_events, many_parameters = copy.deepcopy(SMALL), copy.deepcopy(SMALL)
    many_events["observations"][0]["data"] = [MOST_EVENTS, 1.0]
    assert not within_reach(many_events)
    modifiers = many_parameters["channels"][0]["samples"][0]["modifiers"]
    modifiers += [{"name": f"n{i}", "type": "normfactor", "data": None} for i in range(MOST_PARAMETERS)]
    assert not within_reach(many_parameters)

"""Re-derivation of dark-sector exclusion limits of e+e- colliders.

What is offered to other programs, under names that stay::

    import umbra

    umbra.cross_section("gamma_alp", mass_gev=1.0, coupling=1e-3, cuts={"photon_theta": (10.0, 170.0)})
    umbra.limits("workspace.json", cl=0.9).expected
    umbra.read_limits("results/alp_3gamma_belle2/limits.csv")

Each name is imported when it is asked for: `import umbra` alone takes no time. The modules below are open to everybody,
but may move between versions. What a type checker sees of the names stands in `__init__.pyi`.
"""

from importlib import import_module

#: Public name -> module and name there, as text: an import here would count as code of every stage.
_HOMES = {
    "UmbraError": "umbra.core.errors:UmbraError",
    "__version__": "umbra.core.provenance:library_version",
    "cross_section": "umbra.commands.xsec:cross_section",
    "find_model": "umbra.theory.registry:find",
    "find_process": "umbra.generation.processes.registry:find",
    "limits": "umbra.commands.limits:limits",
    "load_curve": "umbra.validation.published:load_curve",
    "read_contours": "umbra.results.contours:read_contours",
    "read_limits": "umbra.results.limits:read_limits",
}

__all__ = [
    "UmbraError",
    "__version__",
    "cross_section",
    "find_model",
    "find_process",
    "limits",
    "load_curve",
    "read_contours",
    "read_limits",
]


def __getattr__(name: str) -> object:
    """Import a public name."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    module, _, attribute = _HOMES[name].partition(":")
    found: object = getattr(import_module(module), attribute)
    if name == "__version__":
        found = found()  # type: ignore[operator]
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

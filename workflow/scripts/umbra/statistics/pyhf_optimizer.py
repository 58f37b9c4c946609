"""The engine's minimiser under pyhf: `pyhf.set_backend("numpy", PyhfOptimizer())`.

pyhf then asks for fits one by one, so that this gives its precision and robustness to every function of pyhf, not
the speed of `upper_limits`, which fits many models at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from umbra.core.errors import UmbraError
from umbra.statistics.compilation import compile_workspace
from umbra.statistics.fit import minimise
from umbra.statistics.likelihood import Batch, Data, evaluate, stack
from umbra.statistics.model import FREE, Array, Model

INTERPOLATION = {"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}


class PyhfOptimizer:
    """An optimizer for pyhf models with the default interpolation codes, on its numpy backend."""

    name = "umbra"

    def __init__(self) -> None:
        self._compiled: WeakKeyDictionary[Any, tuple[Model, Batch]] = WeakKeyDictionary()

    def minimize(
        self,
        objective: Callable[..., Any],
        data: Sequence[float],
        pdf: Any,
        init_pars: Sequence[float],
        par_bounds: Sequence[tuple[float, float]],
        fixed_vals: Sequence[tuple[int, float]] | None = None,
        return_fitted_val: bool = False,
        return_result_obj: bool = False,
        **options: Any,
    ) -> Any:
        """Minimise -2 ln L of a pyhf model; the arguments are those of pyhf's own optimizers.

        Raises
        ------
        UmbraError
            The fit did not converge, the model interpolates otherwise, a per-bin parameter is to be fixed or an
            option is asked for that this optimizer does not have.
        """
        unknown = [key for key, value in options.items() if value and key not in ("do_grad", "do_stitch")]
        if return_result_obj or unknown:
            raise UmbraError(f"the umbra optimizer has no {unknown or 'result object'}")
        model, batch = self._compile(pdf)
        values = np.asarray(init_pars, dtype=float).copy()
        lower, upper = np.asarray(par_bounds, dtype=float).T.copy()
        for index, value in fixed_vals or ():
            values[index] = lower[index] = upper[index] = value
        start, low, high = (_theta(model, pdf, array) for array in (values, lower, upper))
        measured = _data(model, pdf, np.asarray(data, dtype=float))
        self._refuse_fixed_bins(model, pdf, fixed_vals or ())
        fit = minimise(batch, measured, start, low, high, fallback=start)
        if not fit.converged[0]:
            raise UmbraError("the fit did not converge")
        gamma = evaluate(batch, measured, fit.theta).gamma[0]
        best = _pyhf_parameters(model, pdf, fit.theta[0], gamma, values)
        if not return_fitted_val:
            return best
        return best, np.asarray(objective(best, data, pdf)).reshape(())

    def _compile(self, pdf: Any) -> tuple[Model, Batch]:
        if pdf not in self._compiled:
            if pdf.config.modifier_settings != INTERPOLATION:
                raise UmbraError(
                    f"the model interpolates by {pdf.config.modifier_settings}, not by {INTERPOLATION}"
                )
            scalars = [name for name in pdf.config.par_order if pdf.config.param_set(name).is_scalar]
            poi = pdf.config.poi_name or next(iter(scalars), None)
            channels = {channel["name"]: channel for channel in pdf.spec["channels"]}
            workspace = {
                "channels": [channels[name] for name in pdf.config.channels],
                "observations": [
                    {"name": name, "data": [0.0] * pdf.config.channel_nbins[name]}
                    for name in pdf.config.channels
                ],
                "measurements": [
                    {"name": "pyhf", "config": {"poi": poi, "parameters": pdf.spec.get("parameters", [])}}
                ],
            }
            model = compile_workspace(workspace, poi)
            self._compiled[pdf] = (model, stack([model]))
        return self._compiled[pdf]

    @staticmethod
    def _refuse_fixed_bins(model: Model, pdf: Any, fixed_vals: Sequence[tuple[int, float]]) -> None:
        suggested = pdf.config.suggested_fixed()
        for name in sorted({part.name for part in model.eliminated}):
            where = pdf.config.par_slice(name)
            for index, _ in fixed_vals:
                if where.start <= index < where.stop and not suggested[index]:
                    raise UmbraError(
                        f"the umbra optimizer cannot fix '{name}', whose parameters it eliminates"
                    )


def _entry(model: Model, pdf: Any, index: int) -> int:
    """Place of an engine parameter in pyhf's list; entries of per-bin sets are called name_0, name_1 ..."""
    name = model.parameters[index]
    if name in pdf.config.par_order:
        return int(pdf.config.par_slice(name).start)
    stem, _, entry = name.rpartition("_")
    return int(pdf.config.par_slice(stem).start) + int(entry)


def _theta(model: Model, pdf: Any, values: Array) -> Array:
    return values[[_entry(model, pdf, i) for i in range(len(model.parameters))]][None, :]


def _data(model: Model, pdf: Any, data: Array) -> Data:
    """Split pyhf's data, which end with the auxiliary measurements, among the engine's."""
    main, auxiliary = data[: pdf.config.nmaindata], data[pdf.config.nmaindata :]
    observed = model.observed.copy()
    observed[: len(main)] = main
    centres: dict[str, Array] = {}
    first = 0
    for name in pdf.config.auxdata_order:
        size = pdf.config.param_set(name).n_parameters
        centres[name] = auxiliary[first : first + size]
        first += size
    centre, gamma_centre = model.centre.copy(), model.gamma_centre.copy()
    for i, name in enumerate(model.parameters):
        stem, _, entry = name.rpartition("_")
        measured = (
            centres[name][0] if name in centres else centres[stem][int(entry)] if stem in centres else None
        )
        if measured is not None and model.strength[i] > 0.0:
            centre[i] = measured / model.strength[i] if model.poisson[i] else measured
    for part in model.eliminated:
        bins = slice(part.start, part.start + part.size)
        if part.name in centres:
            here = centres[part.name][part.offset : part.offset + part.size]
            poisson = pdf.config.param_set(part.name).pdf_type == "poisson"
            tau = np.where(poisson, model.gamma_strength[bins], 1.0)
            gamma_centre[bins] = here / np.where(tau > 0.0, tau, 1.0)
    return Data(observed[None, :], centre[None, :], gamma_centre[None, :])


def _pyhf_parameters(model: Model, pdf: Any, theta: Array, gamma: Array, values: Array) -> Array:
    """Lay the engine's parameters out in pyhf's order; those that neither fits keep their value."""
    best = values.copy()
    for i, value in enumerate(theta):
        best[_entry(model, pdf, i)] = value
    for part in model.eliminated:
        first = pdf.config.par_slice(part.name).start + part.offset
        where, bins = slice(first, first + part.size), slice(part.start, part.start + part.size)
        fitted = np.where(model.gamma_kind[bins] == FREE, gamma[bins], np.maximum(gamma[bins], 1e-10))
        best[where] = np.where(model.gamma_kind[bins] > 0, fitted, best[where])
    return best

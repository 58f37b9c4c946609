"""Options of the selection `recoil_dimuon_likelihood`, and the columns that it makes."""

from typing import ClassVar

from umbra.selection.options import recoil_dimuon


class Options(recoil_dimuon.Options):
    """Cuts of `umbra.selection.recoil_dimuon`, which makes the candidates."""

    COLUMNS: ClassVar[tuple[str, ...]] = (*recoil_dimuon.Options.COLUMNS, "log_signal_to_background")

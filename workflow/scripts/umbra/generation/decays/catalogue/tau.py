"""Entries of the decay chains in `umbra.generation.decays.tau`."""

from umbra.generation.decays.entry import DecayEntry

TAU_PAIRS = DecayEntry(
    name="tau_pairs",
    function="decay_taus",
)

TAU_PAIRS_TO_LEPTONS = DecayEntry(
    name="tau_pairs_to_leptons",
    function="decay_taus",
    arguments={"channels": ("enunu", "mununu")},
)

TAU_PAIRS_TO_MUONS = DecayEntry(
    name="tau_pairs_to_muons",
    function="decay_taus",
    arguments={"channels": ("mununu",)},
)

TAU_PAIRS_TO_ELECTRON_AND_PIONS = DecayEntry(
    name="tau_pairs_to_electron_and_pions",
    function="decay_taus_apart",
    arguments={"channels": (("enunu",), ("pipipinu",))},
)

TAU_PAIRS_TO_MUON_AND_PIONS = DecayEntry(
    name="tau_pairs_to_muon_and_pions",
    function="decay_taus_apart",
    arguments={"channels": (("mununu",), ("pipipinu",))},
)

TAU_PAIRS_TO_LEPTON_AND_HADRON = DecayEntry(
    name="tau_pairs_to_lepton_and_hadron",
    function="decay_taus_apart",
    arguments={"channels": (("enunu", "mununu"), ("pinu", "knu", "rhonu", "pipi0pi0nu"))},
)

TAU_PLUS_TO_PIONS = DecayEntry(
    name="tau_plus_to_pions",
    function="plus_to_pions",
)

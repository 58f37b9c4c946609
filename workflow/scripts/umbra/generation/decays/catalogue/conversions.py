"""Entries of the decay chains in `umbra.generation.decays.conversions`."""

from umbra.generation.decays.entry import DecayEntry

#: Beam pipe, five layers of the vertex detector and the tube that holds them, from memory of arXiv:hep-ex/0105044:
#: 1.06, 0.6 to 0.8 each and 0.5 % of a radiation length.
PHOTONS_CONVERT_NEAR_BABAR_COLLISION = DecayEntry(
    name="three_photons_convert_near_babar_collision",
    function="convert_all",
    arguments={
        "hardest": 3,
        "layers": (
            *((27.0, 0.0106), (33.0, 0.006), (40.0, 0.006), (59.0, 0.006)),
            *((110.0, 0.008), (130.0, 0.008), (217.0, 0.005)),
        ),
        "field_tesla": 1.5,
    },
)

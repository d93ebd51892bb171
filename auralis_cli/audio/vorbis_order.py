"""The order of channels in Vorbis and Opus, which differs from that of WAV (and ours) beyond two.

Vorbis I specification, 4.3.9: front left, centre, right, then the surrounds, the low end last.
"""

from __future__ import annotations

# For each position in Vorbis the channel of ours that stands there; counts that agree are left out.
TO_VORBIS: dict[int, list[int]] = {
    3: [0, 2, 1],
    5: [0, 2, 1, 3, 4],
    6: [0, 2, 1, 4, 5, 3],
    7: [0, 2, 1, 5, 6, 4, 3],
    8: [0, 2, 1, 6, 7, 4, 5, 3],
}
# The way back.
FROM_VORBIS: dict[int, list[int]] = {
    count: [order.index(channel) for channel in range(count)] for count, order in TO_VORBIS.items()
}

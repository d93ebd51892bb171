"""The least that turning a file into a 24-bit FLAC can cost: libsndfile alone, decode and encode, nothing between.

Usage: floor.py IN OUT LEVEL        LEVEL is libsndfile's compression level, 0…1
"""

from __future__ import annotations

import sys

import soundfile as sf

BLOCK_FRAMES = 1 << 16


def main(source: str, destination: str, level: float) -> None:
    with sf.SoundFile(source) as reader:
        shape = {"samplerate": reader.samplerate, "channels": reader.channels}
        with sf.SoundFile(
            destination, "w", format="FLAC", subtype="PCM_24", compression_level=level, **shape
        ) as writer:
            for block in reader.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True):
                writer.write(block)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))

"""Makes a 16-bit FLAC of a stated length out of a track, repeated as often as that takes.

Usage: make_input.py SOURCE OUT.flac [SECONDS]
"""

from __future__ import annotations

import sys

import soundfile as sf

BLOCK_FRAMES = 1 << 16


def main(source: str, destination: str, seconds: float | None) -> None:
    with sf.SoundFile(source) as reader:
        wanted = reader.frames if seconds is None else round(seconds * reader.samplerate)
        with sf.SoundFile(destination, "w", reader.samplerate, reader.channels, "PCM_16", format="FLAC") as writer:
            while wanted > 0:
                block = reader.read(min(BLOCK_FRAMES, wanted), dtype="float32", always_2d=True)
                if len(block) == 0:
                    reader.seek(0)
                    continue
                writer.write(block)
                wanted -= len(block)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else None)

"""The one decorator of every kernel, and where compiled kernels are kept.

Numba does not notice a changed callee in another file, so the cache folder carries a hash of all
kernel sources: any edit starts a fresh folder. It must be set before numba is imported.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auralis_cli.paths import cache_dir, private_temporary_dir
from auralis_cli.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable


def _sources_hash() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _kernel_cache() -> Path:
    """The folder for compiled kernels; a temporary one where the user's cache cannot be written."""
    name = f"{VERSION}-{_sources_hash()}"
    wanted = cache_dir() / "kernels" / name
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return wanted
    except OSError:
        pass
    # What lies there is run.
    return private_temporary_dir("auralis-kernels") / name


KERNEL_CACHE = Path(os.environ.get("NUMBA_CACHE_DIR") or _kernel_cache())
os.environ["NUMBA_CACHE_DIR"] = str(KERNEL_CACHE)

from numba import njit  # noqa: E402

# The first run on a machine waits for all of them. A literal handed to a kernel (`np.int64(0)` is none) and a row of a
# strided slice each have it compiled once more; assigning a slice to a slice brings Numba's text for shapes that
# differ, which takes two seconds.
# nogil: kernels of one file run in several threads. No fastmath: NaN must stay NaN, sums stay ordered.
kernel: Callable[..., Any] = njit(nogil=True, cache=True)


def kernels_are_compiled() -> bool:
    """Whether an earlier run left compiled kernels here; if not, the first use takes seconds."""
    return any(KERNEL_CACHE.rglob("*.nbi"))

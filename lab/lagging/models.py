"""botocore's service models: the shapes in which AWS is asked and answers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import botocore.session
from botocore.model import OperationNotFoundError

from lab.lagging.refusal import refuse

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel


@cache
def model_of(service: str) -> ServiceModel:
    """Return the model of a service."""
    return botocore.session.Session().get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return the model of an operation.

    Raises:
        Refusal: AWS has no such operation.
    """
    try:
        return model_of(service).operation_model(operation)
    except OperationNotFoundError as error:
        message = f"Could not find operation {operation}"
        raise refuse(400, "InvalidAction", message) from error

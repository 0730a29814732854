"""All that this cloud can do, by service and operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.lagging import (
    data_services,
    iam_account,
    iam_holdings,
    iam_people,
    iam_policies,
    iam_rest,
    iam_roles,
    organizations,
    sts,
    trail_service,
)
from lab.lagging.refusal import QUERY, refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Operation

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    **data_services.OPERATIONS,
    "sts": sts.OPERATIONS,
    "organizations": organizations.OPERATIONS,
    "cloudtrail": trail_service.OPERATIONS,
    "iam": {
        **iam_people.OPERATIONS,
        **iam_rest.OPERATIONS,
        **iam_holdings.OPERATIONS,
        **iam_policies.OPERATIONS,
        **iam_roles.OPERATIONS,
        **iam_account.OPERATIONS,
    },
}


def operation_of(service: str, operation: str) -> Operation:
    """Return what carries an operation out.

    Raises:
        Refusal: this cloud does not have it.
    """
    found = OPERATIONS.get(service, {}).get(operation)
    if found is None:
        message = f"Could not find operation {operation} of {service}"
        code = "InvalidAction" if service in QUERY else "UnknownOperationException"
        raise refuse(400, code, message)
    return found

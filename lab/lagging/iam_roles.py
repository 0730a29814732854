"""IAM's roles and identity providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.lagging.estate import Role
from lab.lagging.iam_people import tags_of
from lab.lagging.iam_views import view
from lab.lagging.policy import read
from lab.lagging.refusal import no_such, refuse

if TYPE_CHECKING:
    from lab.lagging.asked import Asked, Operation
    from lab.lagging.estate import Answer


def _create_role(asked: Asked) -> Answer:
    name, path = asked.text("RoleName"), asked.maybe("Path") or "/"
    if name in asked.account.roles:
        raise refuse(409, "EntityAlreadyExists", f"Role with name {name} already exists.")
    number, trust = asked.account.number, asked.text("AssumeRolePolicyDocument")
    read(trust)
    role = Role(
        name=name,
        unique_id=asked.control.mint.unique_id("AROA", number),
        arn=f"arn:aws:iam::{number}:role{path}{name}",
        created=asked.control.last_second(),
        path=path,
        boundary=asked.maybe("PermissionsBoundary"),
        tags=tags_of(asked),
        trust=trust,
        description=asked.maybe("Description") or "",
        max_session_seconds=asked.number("MaxSessionDuration", 3600),
    )
    asked.keep_holder(role)
    return {"Role": view(role)}


def _create_service_linked_role(asked: Asked) -> Answer:
    service = asked.text("AWSServiceName")
    name = "AWSServiceRoleFor" + service.split(".", 1)[0].title()
    number = asked.account.number
    role = Role(
        name=name,
        unique_id=asked.control.mint.unique_id("AROA", number),
        arn=f"arn:aws:iam::{number}:role/aws-service-role/{service}/{name}",
        created=asked.control.last_second(),
        path=f"/aws-service-role/{service}/",
        trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"'
        + service
        + '"},"Action":"sts:AssumeRole"}]}',
    )
    asked.keep_holder(role)
    return {"Role": view(role)}


def _get_role(asked: Asked) -> Answer:
    role = _role(asked)
    shown = dict(view(role))
    use = asked.control.uses.get(role.unique_id)
    if use is not None:
        shown["RoleLastUsed"] = {"LastUsedDate": use.at, "Region": use.region}
    return {"Role": shown}


def _list_roles(asked: Asked) -> Answer:
    return {"Roles": [view(role) for role in asked.account.roles.values()], "IsTruncated": False}


def _delete_role(asked: Asked) -> Answer:
    role = _role(asked)
    if role.path.startswith("/aws-service-role/"):
        message = f"Cannot perform the operation on the protected role '{role.name}'"
        raise refuse(400, "UnmodifiableEntity", message)
    if role.inline or role.attached:
        message = "Cannot delete entity, must delete policies first."
        raise refuse(409, "DeleteConflict", message)
    asked.keep(asked.account.drop(role))
    return {}


def _update_trust(asked: Asked) -> Answer:
    role, trust = _role(asked), asked.text("PolicyDocument")
    read(trust)
    asked.keep_holder(replace(role, trust=trust))
    return {}


def _update_role(asked: Asked) -> Answer:
    role = _role(asked)
    seconds = asked.number("MaxSessionDuration", role.max_session_seconds)
    described = asked.maybe("Description") or role.description
    asked.keep_holder(replace(role, max_session_seconds=seconds, description=described))
    return {}


def _list_profiles(asked: Asked) -> Answer:
    _role(asked)
    return {"InstanceProfiles": [], "IsTruncated": False}


def _create_oidc(asked: Asked) -> Answer:
    host = asked.text("Url").removeprefix("https://")
    return {"OpenIDConnectProviderArn": _provide(asked, f"oidc-provider/{host}")}


def _list_oidc(asked: Asked) -> Answer:
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in _providers(asked, "oidc")]}


def _get_oidc(asked: Asked) -> Answer:
    arn = asked.text("OpenIDConnectProviderArn")
    made = asked.account.providers.get(arn)
    if made is None:
        raise no_such(arn, "OpenIDConnect Provider")
    return {"Url": arn.split("/", 1)[1], "ClientIDList": [], "CreateDate": made}


def _delete_oidc(asked: Asked) -> Answer:
    return _remove(asked, asked.text("OpenIDConnectProviderArn"))


def _create_saml(asked: Asked) -> Answer:
    return {"SAMLProviderArn": _provide(asked, f"saml-provider/{asked.text('Name')}")}


def _list_saml(asked: Asked) -> Answer:
    made = asked.account.providers
    rows = [{"Arn": arn, "CreateDate": made[arn]} for arn in _providers(asked, "saml")]
    return {"SAMLProviderList": rows}


def _delete_saml(asked: Asked) -> Answer:
    return _remove(asked, asked.text("SAMLProviderArn"))


def _provide(asked: Asked, resource: str) -> str:
    arn = f"arn:aws:iam::{asked.account.number}:{resource}"
    if arn in asked.account.providers:
        raise refuse(409, "EntityAlreadyExists", f"Provider with name {arn} already exists.")
    providers = {**asked.account.providers, arn: asked.control.last_second()}
    asked.keep(replace(asked.account, providers=providers))
    return arn


def _providers(asked: Asked, kind: str) -> tuple[str, ...]:
    return tuple(arn for arn in asked.account.providers if f":{kind}-provider/" in arn)


def _remove(asked: Asked, arn: str) -> Answer:
    left = {one: made for one, made in asked.account.providers.items() if one != arn}
    asked.keep(replace(asked.account, providers=left))
    return {}


def _role(asked: Asked) -> Role:
    found = asked.holder("Role")
    if not isinstance(found, Role):
        raise TypeError(found)
    return found


OPERATIONS: Mapping[str, Operation] = {
    "CreateRole": _create_role,
    "CreateServiceLinkedRole": _create_service_linked_role,
    "GetRole": _get_role,
    "ListRoles": _list_roles,
    "DeleteRole": _delete_role,
    "UpdateAssumeRolePolicy": _update_trust,
    "UpdateRole": _update_role,
    "ListInstanceProfilesForRole": _list_profiles,
    "CreateOpenIDConnectProvider": _create_oidc,
    "ListOpenIDConnectProviders": _list_oidc,
    "GetOpenIDConnectProvider": _get_oidc,
    "DeleteOpenIDConnectProvider": _delete_oidc,
    "CreateSAMLProvider": _create_saml,
    "ListSAMLProviders": _list_saml,
    "DeleteSAMLProvider": _delete_saml,
}

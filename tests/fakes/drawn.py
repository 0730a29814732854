"""Hypothesis strategies for the nouns that are journaled, hostile text included."""

from __future__ import annotations

from datetime import UTC

from hypothesis import strategies as st

from unleak.model import action as actions
from unleak.model import user_action, vault_action
from unleak.model.action import Action, Holder, HolderType, KeyState, RoleRecord
from unleak.model.credential import Credential, CredentialKind, CredentialStatus, How
from unleak.model.outcome import Outcome, Receipt
from unleak.model.plan import Plan, Scope, Stage, Step, StepState, Strategy
from unleak.model.principal import Principal, PrincipalType
from unleak.model.proof import Check, CheckOutcome, Level, Verification
from unleak.model.situation import Caller
from unleak.model.vault import StaticRole

texts = st.text(max_size=12)
maybe_texts = st.none() | texts
instants = st.datetimes(timezones=st.just(UTC))
maybe_instants = st.none() | instants
seconds = st.none() | st.floats(allow_nan=False, allow_infinity=False)
notes = st.lists(texts, max_size=2).map(tuple)

holders = st.builds(Holder, type=st.sampled_from(HolderType), name=texts)
key_states = st.sampled_from(KeyState)
records = st.builds(
    RoleRecord,
    name=texts,
    path=texts,
    trust_policy=texts,
    description=texts,
    max_session_seconds=st.integers(),
    boundary=maybe_texts,
    tags=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
)
static_roles = st.builds(
    StaticRole,
    mount=texts,
    name=texts,
    user=texts,
    key_id=maybe_texts,
    settings=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
)
any_action: st.SearchStrategy[Action] = st.one_of(
    st.builds(actions.SetKeyStatus, user=texts, key_id=texts, before=key_states, after=key_states),
    st.builds(actions.DeleteKey, user=texts, key_id=texts),
    st.builds(actions.DeleteRootKey, account=texts, key_id=texts),
    st.builds(
        actions.SetInlinePolicy,
        holder=holders,
        policy_name=texts,
        before=maybe_texts,
        after=maybe_texts,
    ),
    st.builds(actions.CreatePolicy, policy_arn=texts, policy_name=texts, document=texts),
    st.builds(actions.DeletePolicy, policy_arn=texts, policy_name=texts, document=texts),
    st.builds(actions.AttachPolicy, holder=holders, policy_arn=texts),
    st.builds(actions.DetachPolicy, holder=holders, policy_arn=texts),
    st.builds(actions.SetBoundary, holder=holders, before=maybe_texts, after=maybe_texts),
    st.builds(actions.LeaveGroup, user=texts, group=texts),
    st.builds(actions.JoinGroup, user=texts, group=texts),
    st.builds(actions.DeleteRole, record=records),
    st.builds(actions.CreateRole, record=records),
    st.builds(actions.LeaveInstanceProfile, role=texts, profile=texts),
    st.builds(actions.JoinInstanceProfile, role=texts, profile=texts),
    st.builds(
        user_action.SetServiceCredentialStatus,
        user=texts,
        credential_id=texts,
        service=texts,
        before=key_states,
        after=key_states,
    ),
    st.builds(
        user_action.SetSshKeyStatus, user=texts, key_id=texts, before=key_states, after=key_states
    ),
    st.builds(
        user_action.SetCertificateStatus,
        user=texts,
        certificate_id=texts,
        before=key_states,
        after=key_states,
    ),
    st.builds(user_action.DeleteLoginProfile, user=texts),
    st.builds(user_action.DeactivateMfa, user=texts, serial=texts),
    st.builds(actions.SetFence, account=texts, before=maybe_texts, after=maybe_texts),
    st.builds(vault_action.RevokeLease, lease=texts, users=notes),
    st.builds(vault_action.RevokePrefix, prefix=texts, users=notes),
    st.builds(vault_action.RotateVaultRoot, mount=texts, user=texts, key_id=texts),
    st.builds(vault_action.RotateStaticRole, role=static_roles, path=texts),
    st.builds(vault_action.DeleteStaticRole, role=static_roles),
    st.builds(vault_action.CreateStaticRole, role=static_roles),
    st.builds(vault_action.TryNewLease, path=texts, role_arn=maybe_texts),
)
principals = st.builds(
    Principal,
    type=st.sampled_from(PrincipalType),
    name=texts,
    arn=maybe_texts,
    account=maybe_texts,
)
credentials = st.builds(
    Credential,
    access_key_id=maybe_texts,
    kind=st.sampled_from(CredentialKind),
    principal=st.none() | principals,
    parent=st.none() | principals,
    issued_at=maybe_instants,
    status=st.none() | st.sampled_from(CredentialStatus),
    how=st.lists(st.sampled_from(How), max_size=2).map(tuple),
    notes=notes,
)
steps = st.builds(
    Step,
    id=texts,
    action=any_action,
    account=maybe_texts,
    reason=texts,
    impact=texts,
    reversible=st.booleans(),
    safe_date=maybe_instants,
    stage=st.sampled_from(Stage),
    state=st.sampled_from(StepState),
    is_fallback_of=maybe_texts,
    revives_leak=st.booleans(),
)
plans = st.builds(
    Plan,
    credentials=st.lists(credentials, max_size=2).map(tuple),
    steps=st.lists(steps, max_size=3).map(tuple),
    cutoff=maybe_instants,
    strategy=st.sampled_from(Strategy),
    scope=st.sampled_from(Scope),
    warnings=notes,
    self_lockout=st.booleans(),
)
outcomes = st.builds(
    Outcome,
    step_id=texts,
    state=st.sampled_from(StepState),
    detail=texts,
    receipt=st.none() | st.builds(Receipt, request_id=texts, at=maybe_instants),
)
checks = st.builds(
    Check,
    name=texts,
    level=st.sampled_from(Level),
    target=texts,
    outcome=st.sampled_from(CheckOutcome),
    detail=texts,
    at=maybe_instants,
)
verifications = st.builds(
    Verification,
    level=st.sampled_from(Level),
    effective=st.none() | st.booleans(),
    seconds_to_effect=seconds,
    new_sessions_work=st.none() | st.booleans(),
    checks=st.lists(checks, max_size=2).map(tuple),
)
callers = st.builds(
    Caller,
    account=maybe_texts,
    arn=maybe_texts,
    unique_id=maybe_texts,
    access_key_id=maybe_texts,
)

"""Every question with its exact parameters, and how its answer is understood."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from aws.loopback import Loopback, Reply, done
from unleak.aws.asking import Asking
from unleak.aws.identities import roles_under
from unleak.aws.reader import AwsReader
from unleak.aws.trail_lookup import MOST_PAGES
from unleak.errors import AwsFailure, MissingPermission, NoSuchPrincipal
from unleak.model.action import Holder, HolderType, KeyState, RoleRecord
from unleak.model.credential import FoundCredential
from unleak.model.ports import Denial, KeyUse, RoleRead, Simulation, TrailEvent
from unleak.model.principal import Principal, PrincipalType
from unleak.model.reading import Gap, Known, Unknown
from unleak.model.secret import Secret
from unleak.model.situation import Caller, GroupFacts, InlinePolicy, KeyFact, ManagedPolicy

if TYPE_CHECKING:
    from unleak.aws.session import AwsSession

SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
ROLE_ID, USER_ID = "AROAAAAAAAAAAAAAAAAAA", "AIDAAAAAAAAAAAAAAAAAA"
KEY = "AKIALEAKEDLEAKEDLEAK"
ROLE = Holder(type=HolderType.ROLE, name="app")
USER = Holder(type=HolderType.USER, name="bob")
ROLE_ARN = "arn:aws-cn:iam::111122223333:role/team/app"
POLICY_ARN = "arn:aws:iam::111122223333:policy/read"


class Stubs:
    """Stubbers by service and region, all checked at the end."""

    def __init__(self, session: AwsSession, stack: ExitStack) -> None:
        self._session = session
        self._stack = stack
        self._made: dict[tuple[str, str | None], Stubber] = {}

    def of(self, service: str, region: str | None = None) -> Stubber:
        if (service, region) not in self._made:
            stubber = Stubber(self._session.client(service, region))
            self._made[service, region] = self._stack.enter_context(stubber)
        return self._made[service, region]

    def check(self) -> None:
        for stubber in self._made.values():
            stubber.assert_no_pending_responses()


@pytest.fixture
def stubs(session: AwsSession) -> Iterator[Stubs]:
    with ExitStack() as stack:
        made = Stubs(session, stack)
        yield made
        made.check()


@pytest.fixture
def reader(session: AwsSession) -> AwsReader:
    return AwsReader(session)


def role_answer(**more: object) -> dict[str, object]:
    role = {
        "RoleName": "app",
        "Path": "/team/",
        "RoleId": ROLE_ID,
        "Arn": ROLE_ARN,
        "CreateDate": SEVEN,
        "AssumeRolePolicyDocument": "%7B%22a%22%3A%201%7D",
    }
    return {"Role": {**role, **more}}


def user_answer(**more: object) -> dict[str, object]:
    user = {
        "UserName": "bob",
        "Path": "/",
        "UserId": USER_ID,
        "Arn": "arn:aws:iam::111122223333:user/bob",
        "CreateDate": SEVEN,
    }
    return {"User": {**user, **more}}


def boundary(arn: str) -> dict[str, str]:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}


def test_the_caller_is_who_signs(stubs: Stubs, reader: AwsReader) -> None:
    answer = {"UserId": USER_ID, "Account": "111122223333", "Arn": "arn:aws:iam::1:user/ir"}
    stubs.of("sts").add_response("get_caller_identity", answer, {})

    caller = reader.caller()

    assert caller == Caller(
        account="111122223333",
        arn="arn:aws:iam::1:user/ir",
        unique_id=USER_ID,
        access_key_id="AKIADEFAULTDEFAULTDE",
    )


def test_the_region_is_the_sessions_and_the_signing_key_needs_no_call(reader: AwsReader) -> None:
    assert reader.region == "eu-west-1"
    assert reader.signing_key_id() == "AKIADEFAULTDEFAULTDE"
    assert reader.clock.now() is None


def test_an_answer_s_date_header_sets_the_clock(stubs: Stubs, reader: AwsReader) -> None:
    metadata = {"HTTPHeaders": {"date": "Tue, 24 Nov 2026 07:00:00 GMT"}}
    stubs.of("sts").add_response("get_caller_identity", {"ResponseMetadata": metadata}, {})

    reader.caller()

    now = reader.clock.now()
    assert now is not None
    assert now > SEVEN


def test_the_roles_under_a_path(stubs: Stubs, session: AwsSession) -> None:
    roles = [
        {
            "RoleName": name,
            "Path": path,
            "RoleId": ROLE_ID,
            "Arn": f"arn:aws:iam::111122223333:role{path}{name}",
            "CreateDate": SEVEN,
        }
        for name, path in (("unleak-drill-1", "/unleak-drill/"), ("app", "/"))
    ]
    answer = {"Roles": roles, "IsTruncated": False}
    stubs.of("iam").add_response("list_roles", answer, {"PathPrefix": "/unleak-drill/"})

    found = roles_under(Asking(session), "/unleak-drill/")

    assert found == ("unleak-drill-1",)


def test_a_simulation_names_the_conditions_that_it_was_not_told(
    stubs: Stubs, reader: AwsReader
) -> None:
    result = {
        "EvalActionName": "iam:PutRolePolicy",
        "EvalDecision": "implicitDeny",
        "MissingContextValues": ["aws:MultiFactorAuthPresent"],
    }
    stubs.of("iam").add_response(
        "simulate_principal_policy", {"EvaluationResults": [result], "IsTruncated": False}
    )

    (found,) = reader.simulate(ROLE_ARN, ["iam:PutRolePolicy"], issued_at=None, context={})

    assert found.missing == ("aws:MultiFactorAuthPresent",)


def test_the_account_of_a_key(stubs: Stubs, reader: AwsReader) -> None:
    answer = {"Account": "111122223333"}
    stubs.of("sts").add_response("get_access_key_info", answer, {"AccessKeyId": KEY})

    assert reader.account_of_key(KEY) == "111122223333"


def test_the_use_of_a_key(stubs: Stubs, reader: AwsReader) -> None:
    used = {"LastUsedDate": SEVEN, "ServiceName": "s3", "Region": "eu-west-1"}
    answer = {"UserName": "bob", "AccessKeyLastUsed": used}
    stubs.of("iam").add_response("get_access_key_last_used", answer, {"AccessKeyId": KEY})

    use = reader.key_use(KEY)

    assert use == KeyUse(user="bob", last_used_at=SEVEN, service="s3", region="eu-west-1")


def test_a_key_that_was_never_used_and_has_no_user(stubs: Stubs, reader: AwsReader) -> None:
    answer = {"AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
    stubs.of("iam").add_response("get_access_key_last_used", answer, {"AccessKeyId": KEY})

    assert reader.key_use(KEY) == KeyUse(user=None)


def test_users_are_listed_to_the_end_even_when_a_page_is_short(
    stubs: Stubs, reader: AwsReader
) -> None:
    iam = stubs.of("iam")
    user = user_answer()["User"]
    iam.add_response("list_users", {"Users": [], "IsTruncated": True, "Marker": "m1"}, {})
    second = {"Users": [user], "IsTruncated": True, "Marker": "m2"}
    iam.add_response("list_users", second, {"Marker": "m1"})
    iam.add_response("list_users", {"Users": [user], "IsTruncated": False}, {"Marker": "m2"})

    assert reader.users() == ("bob", "bob")


def test_keys_are_listed_to_the_end(stubs: Stubs, reader: AwsReader) -> None:
    iam = stubs.of("iam")
    off = {"AccessKeyId": KEY, "Status": "Inactive", "CreateDate": SEVEN}
    on = {"AccessKeyId": "AKIAOTHEROTHEROTHERO", "Status": "Active"}
    first = {"AccessKeyMetadata": [off], "IsTruncated": True, "Marker": "m"}
    iam.add_response("list_access_keys", first, {"UserName": "bob"})
    second = {"AccessKeyMetadata": [on], "IsTruncated": False}
    iam.add_response("list_access_keys", second, {"UserName": "bob", "Marker": "m"})

    assert reader.keys("bob") == (
        KeyFact(key_id=KEY, state=KeyState.INACTIVE, created_at=SEVEN),
        KeyFact(key_id="AKIAOTHEROTHEROTHERO", state=KeyState.ACTIVE),
    )


def test_a_key_status_that_nobody_knows_is_not_guessed(stubs: Stubs, reader: AwsReader) -> None:
    odd = {"AccessKeyMetadata": [{"AccessKeyId": KEY, "Status": "Frozen"}]}
    stubs.of("iam").add_response("list_access_keys", odd, {"UserName": "bob"})

    with pytest.raises(AwsFailure, match="Frozen"):
        reader.keys("bob")


def test_a_user(stubs: Stubs, reader: AwsReader) -> None:
    stubs.of("iam").add_response("get_user", user_answer(), {"UserName": "bob"})

    assert reader.user("bob") == Principal(
        type=PrincipalType.USER,
        name="bob",
        arn="arn:aws:iam::111122223333:user/bob",
        account="111122223333",
        partition="aws",
        unique_id=USER_ID,
    )


def test_a_role_with_everything(stubs: Stubs, reader: AwsReader) -> None:
    answer = role_answer(
        Description="runs the app",
        MaxSessionDuration=43200,
        PermissionsBoundary=boundary(POLICY_ARN),
        Tags=[{"Key": "team", "Value": "web"}],
        RoleLastUsed={"LastUsedDate": SEVEN, "Region": "cn-north-1"},
    )
    stubs.of("iam").add_response("get_role", answer, {"RoleName": "app"})

    assert reader.role("app") == RoleRead(
        principal=Principal(
            type=PrincipalType.ROLE,
            name="app",
            arn=ROLE_ARN,
            account="111122223333",
            partition="aws-cn",
            unique_id=ROLE_ID,
        ),
        record=RoleRecord(
            name="app",
            path="/team/",
            trust_policy='{"a": 1}',
            description="runs the app",
            max_session_seconds=43200,
            boundary=POLICY_ARN,
            tags=(("team", "web"),),
        ),
        created_at=SEVEN,
        last_used="2026-11-24T07:00:00Z in cn-north-1",
    )


def test_a_role_of_a_cloud_that_leaves_fields_out(cloud: Loopback, near: AwsSession) -> None:
    bare = "<Role><RoleName>app</RoleName><Arn>arn:aws:iam:::role/app</Arn></Role>"
    cloud.replies = [done("GetRole", bare)]

    read = AwsReader(near).role("app")

    assert read.principal.account is None
    assert read.principal.unique_id is None
    assert read.created_at is None
    assert read.last_used is None
    assert read.record.max_session_seconds == 3600


def test_a_role_that_is_not_there(stubs: Stubs, reader: AwsReader) -> None:
    stubs.of("iam").add_client_error("get_role", "NoSuchEntity", "The role ... cannot be found.")

    with pytest.raises(NoSuchPrincipal):
        reader.role("app")


@pytest.mark.parametrize(
    ("holder", "method", "name"),
    [(ROLE, "get_role_policy", "RoleName"), (USER, "get_user_policy", "UserName")],
)
def test_an_inline_policy_that_is_not_there_is_none_and_a_missing_holder_is_an_error(
    stubs: Stubs, reader: AwsReader, holder: Holder, method: str, name: str
) -> None:
    iam = stubs.of("iam")
    expected = {name: holder.name, "PolicyName": "p"}
    for message in (
        f"The {holder.type} policy with name p cannot be found.",
        "",
        f"The {holder.type} with name {holder.name} cannot be found.",
    ):
        iam.add_client_error(method, "NoSuchEntity", message, expected_params=expected)

    assert reader.inline_policy(holder, "p") is None
    assert reader.inline_policy(holder, "p") is None
    with pytest.raises(NoSuchPrincipal):
        reader.inline_policy(holder, "p")


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("%7B%22r%22%3A%22a%252Bb%2Bc%25%22%7D", '{"r":"a%2Bb+c%"}'),
        ("%7B%22r%22%3A%20%22a+b%22%7D", '{"r": "a+b"}'),
        ("%0A%7B%0A%20%20%22r%22%3A%22x%22%7D%0A", '\n{\n  "r":"x"}\n'),
        ('{"r":"a%2Bb+c"}', '{"r":"a%2Bb+c"}'),
        ('\n{"r":"a%2Bb"}', '\n{"r":"a%2Bb"}'),
        ("%7B%22r%22%3A%22caf%C3%A9%22%7D", '{"r":"café"}'),
    ],
)
def test_a_policy_is_read_byte_for_byte(
    cloud: Loopback, near: AwsSession, sent: str, text: str
) -> None:
    cloud.replies = [done("GetRolePolicy", f"<PolicyDocument>{sent}</PolicyDocument>")]

    assert AwsReader(near).inline_policy(ROLE, "p") == text


def test_all_inline_policies_come_with_their_texts(stubs: Stubs, reader: AwsReader) -> None:
    iam = stubs.of("iam")
    first = {"PolicyNames": ["a"], "IsTruncated": True, "Marker": "m"}
    iam.add_response("list_role_policies", first, {"RoleName": "app"})
    second = {"PolicyNames": ["gone"], "IsTruncated": False}
    iam.add_response("list_role_policies", second, {"RoleName": "app", "Marker": "m"})
    text = {"RoleName": "app", "PolicyName": "a", "PolicyDocument": "%7B%7D"}
    iam.add_response("get_role_policy", text, {"RoleName": "app", "PolicyName": "a"})
    missing = "The role policy with name gone cannot be found."
    iam.add_client_error("get_role_policy", "NoSuchEntity", missing)

    assert reader.inline_policies(ROLE) == (InlinePolicy(name="a", document="{}"),)


@pytest.mark.parametrize(
    ("holder", "method", "name"),
    [
        (ROLE, "list_attached_role_policies", "RoleName"),
        (USER, "list_attached_user_policies", "UserName"),
    ],
)
def test_attached_policies_are_listed_to_the_end(
    stubs: Stubs, reader: AwsReader, holder: Holder, method: str, name: str
) -> None:
    iam = stubs.of("iam")
    item = {"PolicyName": "read", "PolicyArn": POLICY_ARN}
    first = {"AttachedPolicies": [item], "IsTruncated": True, "Marker": "m"}
    iam.add_response(method, first, {name: holder.name})
    iam.add_response(method, {"AttachedPolicies": [item]}, {name: holder.name, "Marker": "m"})

    assert reader.attached_policies(holder) == (ManagedPolicy(arn=POLICY_ARN, name="read"),) * 2


def test_a_managed_policy_is_read_in_its_default_version(stubs: Stubs, reader: AwsReader) -> None:
    iam = stubs.of("iam")
    iam.add_response(
        "get_policy", {"Policy": {"DefaultVersionId": "v3"}}, {"PolicyArn": POLICY_ARN}
    )
    version = {"PolicyVersion": {"Document": "%7B%22v%22%3A3%7D"}}
    iam.add_response("get_policy_version", version, {"PolicyArn": POLICY_ARN, "VersionId": "v3"})

    assert reader.managed_policy(POLICY_ARN) == '{"v":3}'


def test_a_managed_policy_that_is_not_there_is_none(stubs: Stubs, reader: AwsReader) -> None:
    stubs.of("iam").add_client_error("get_policy", "NoSuchEntity")

    assert reader.managed_policy(POLICY_ARN) is None


def test_groups_bring_their_policies_and_say_what_could_not_be_read(
    stubs: Stubs, reader: AwsReader
) -> None:
    iam = stubs.of("iam")
    group = {
        "Path": "/",
        "GroupName": "admins",
        "GroupId": "AGPAAAAAAAAAAAAAAAAAA",
        "Arn": "arn:aws:iam::111122223333:group/admins",
        "CreateDate": SEVEN,
    }
    iam.add_response("list_groups_for_user", {"Groups": [group]}, {"UserName": "bob"})
    iam.add_response("list_group_policies", {"PolicyNames": ["all"]}, {"GroupName": "admins"})
    text = {"GroupName": "admins", "PolicyName": "all", "PolicyDocument": "%7B%7D"}
    iam.add_response("get_group_policy", text, {"GroupName": "admins", "PolicyName": "all"})
    iam.add_client_error("list_attached_group_policies", "AccessDenied", "not authorized")

    (facts,) = reader.groups("bob")

    assert isinstance(facts, GroupFacts)
    assert facts.name == "admins"
    assert facts.inline == Known((InlinePolicy(name="all", document="{}"),))
    assert isinstance(facts.attached, Unknown)
    assert facts.attached.gap is Gap.DENIED


@pytest.mark.parametrize("arn", [POLICY_ARN, None])
def test_the_boundary_of_a_role_and_of_a_user(
    stubs: Stubs, reader: AwsReader, arn: str | None
) -> None:
    more = {} if arn is None else {"PermissionsBoundary": boundary(arn)}
    stubs.of("iam").add_response("get_role", role_answer(**more), {"RoleName": "app"})
    stubs.of("iam").add_response("get_user", user_answer(**more), {"UserName": "bob"})

    assert reader.boundary(ROLE) == arn
    assert reader.boundary(USER) == arn


def test_instance_profiles_are_listed_to_the_end(stubs: Stubs, reader: AwsReader) -> None:
    iam = stubs.of("iam")
    profile = {
        "Path": "/",
        "InstanceProfileName": "web",
        "InstanceProfileId": "AIPAAAAAAAAAAAAAAAAAA",
        "Arn": "arn:aws:iam::111122223333:instance-profile/web",
        "CreateDate": SEVEN,
        "Roles": [],
    }
    method = "list_instance_profiles_for_role"
    first = {"InstanceProfiles": [profile], "IsTruncated": True, "Marker": "m"}
    iam.add_response(method, first, {"RoleName": "app"})
    iam.add_response(method, {"InstanceProfiles": []}, {"RoleName": "app", "Marker": "m"})

    assert reader.instance_profiles("app") == ("web",)


def test_the_account_summary(stubs: Stubs, reader: AwsReader) -> None:
    summary = {"SummaryMap": {"UserPolicySizeQuota": 2048}}
    stubs.of("iam").add_response("get_account_summary", summary, {})

    assert reader.account_summary() == {"UserPolicySizeQuota": 2048}


def test_a_simulation_carries_the_issue_time_with_a_z_and_the_context(
    stubs: Stubs, reader: AwsReader
) -> None:
    result = {
        "EvalActionName": "s3:ListAllMyBuckets",
        "EvalDecision": "explicitDeny",
        "MatchedStatements": [{"SourcePolicyId": "role_app_AWSRevokeOlderSessions"}],
    }
    expected = {
        "PolicySourceArn": ROLE_ARN,
        "ActionNames": ["s3:ListAllMyBuckets"],
        "ContextEntries": [
            {
                "ContextKeyName": "aws:userid",
                "ContextKeyType": "string",
                "ContextKeyValues": [f"{ROLE_ID}:thief"],
            },
            {
                "ContextKeyName": "aws:TokenIssueTime",
                "ContextKeyType": "date",
                "ContextKeyValues": ["2026-11-24T07:00:00Z"],
            },
        ],
    }
    iam = stubs.of("iam")
    first = {"EvaluationResults": [result], "IsTruncated": True, "Marker": "m"}
    iam.add_response("simulate_principal_policy", first, expected)
    iam.add_response(
        "simulate_principal_policy", {"EvaluationResults": [result]}, {**expected, "Marker": "m"}
    )

    simulations = reader.simulate(
        ROLE_ARN,
        ["s3:ListAllMyBuckets"],
        issued_at=SEVEN,
        context={"aws:userid": f"{ROLE_ID}:thief"},
    )

    assert (
        simulations
        == (
            Simulation(
                action="s3:ListAllMyBuckets",
                decision="explicitDeny",
                matched=("role_app_AWSRevokeOlderSessions",),
            ),
        )
        * 2
    )


def test_a_simulation_without_context_sends_none(stubs: Stubs, reader: AwsReader) -> None:
    expected = {"PolicySourceArn": ROLE_ARN, "ActionNames": ["sqs:ListQueues"]}
    stubs.of("iam").add_response("simulate_principal_policy", {"EvaluationResults": []}, expected)

    assert reader.simulate(ROLE_ARN, ["sqs:ListQueues"], issued_at=None, context={}) == ()


def test_regions_are_the_enabled_ones_to_the_end(stubs: Stubs, reader: AwsReader) -> None:
    account = stubs.of("account")
    enabled = {"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]}
    first = {"Regions": [{"RegionName": "us-east-1"}], "NextToken": "t"}
    account.add_response("list_regions", first, enabled)
    second = {"Regions": [{"RegionName": "me-south-1"}]}
    account.add_response("list_regions", second, {**enabled, "NextToken": "t"})

    assert reader.regions() == ("us-east-1", "me-south-1")


def test_regions_come_from_ec2_where_the_account_may_not_be_asked(
    stubs: Stubs, reader: AwsReader
) -> None:
    stubs.of("account").add_client_error("list_regions", "AccessDeniedException")
    answer = {"Regions": [{"RegionName": "eu-west-1"}]}
    stubs.of("ec2").add_response("describe_regions", answer, {})

    assert reader.regions() == ("eu-west-1",)


def test_regions_that_nobody_tells_are_an_error_not_an_empty_list(
    stubs: Stubs, reader: AwsReader
) -> None:
    stubs.of("account").add_client_error("list_regions", "AccessDeniedException")
    stubs.of("ec2").add_client_error("describe_regions", "UnauthorizedOperation")

    with pytest.raises(MissingPermission, match="DescribeRegions"):
        reader.regions()


def test_trail_events_are_read_page_by_page_with_the_same_question(
    stubs: Stubs, reader: AwsReader
) -> None:
    trail = stubs.of("cloudtrail", "ap-south-1")
    asked = {"LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": KEY}]}
    event = {
        "EventId": "e1",
        "EventName": "AssumeRole",
        "EventTime": SEVEN,
        "CloudTrailEvent": '{"eventID": "e1"}',
    }
    trail.add_response("lookup_events", {"Events": [event], "NextToken": "t"}, asked)
    trail.add_response("lookup_events", {"Events": [event]}, {**asked, "NextToken": "t"})

    events = reader.trail_events(attribute="AccessKeyId", value=KEY, region="ap-south-1")

    assert (
        events
        == (
            TrailEvent(
                event_id="e1",
                event_name="AssumeRole",
                region="ap-south-1",
                at=SEVEN,
                document='{"eventID": "e1"}',
            ),
        )
        * 2
    )


def test_trail_events_can_be_asked_for_from_a_moment_on(stubs: Stubs, reader: AwsReader) -> None:
    asked = {
        "LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "thief"}],
        "StartTime": SEVEN,
    }
    stubs.of("cloudtrail", "ap-south-1").add_response("lookup_events", {"Events": []}, asked)

    events = reader.trail_events(
        attribute="Username", value="thief", region="ap-south-1", since=SEVEN
    )

    assert events == ()


_WIDE = '{"statementId":"Wide","effect":"ALLOW"}'


def _decoded(*statements: str) -> str:
    """Return what AWS answers for an explicit deny that matched these statements."""
    items = ",".join(statements)
    matched = f'"matchedStatements":{{"items":[{items}]}}'
    return f'{{"allowed":false,"explicitDeny":true,{matched},"context":{{}}}}'


@pytest.mark.parametrize(
    ("decoded", "denial"),
    [
        (
            _decoded('{"statementId":"UnleakOlderSessions","effect":"DENY"}', _WIDE),
            Denial(is_explicit=True, sids=("UnleakOlderSessions",)),
        ),
        (
            _decoded('{"statementId":"","effect":"DENY"}'),
            Denial(is_explicit=True, sids=("",)),
        ),
        (
            '{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]}}',
            Denial(is_explicit=False),
        ),
        ('{"allowed":true,"explicitDeny":false}', None),
        ('{"allowed":false}', None),
        ("[]", None),
        ("<xml/>", None),
    ],
)
def test_a_decoded_denial_tells_whether_a_deny_did_it_and_which_statement(
    stubs: Stubs, reader: AwsReader, decoded: str, denial: Denial | None
) -> None:
    stubs.of("sts").add_response(
        "decode_authorization_message", {"DecodedMessage": decoded}, {"EncodedMessage": "abc"}
    )

    assert reader.decode_denial("abc") == denial


def test_no_right_to_decode_is_said_as_a_missing_permission(
    stubs: Stubs, reader: AwsReader
) -> None:
    stubs.of("sts").add_client_error("decode_authorization_message", "AccessDenied")

    with pytest.raises(MissingPermission):
        reader.decode_denial("abc")


def test_a_throttled_look_up_goes_on_where_it_was(cloud: Loopback, near: AwsSession) -> None:
    throttled = '{"__type": "ThrottlingException", "message": "Rate exceeded"}'
    page = '{"Events": [{"EventId": "e1"}], "NextToken": "t"}'
    cloud.replies = [
        Reply(body=page),
        Reply(status=400, body=throttled),
        Reply(body='{"Events": [{"EventId": "e2"}]}'),
    ]

    events = AwsReader(near).trail_events(attribute="AccessKeyId", value=KEY, region="eu-west-1")

    assert [event.event_id for event in events] == ["e1", "e2"]
    assert len(cloud.requests) == 3


def test_a_look_up_without_end_stops_after_twenty_pages(cloud: Loopback, near: AwsSession) -> None:
    cloud.replies = [Reply(body='{"Events": [{"EventId": "e"}], "NextToken": "t"}')]

    events = AwsReader(near).trail_events(attribute="AccessKeyId", value=KEY, region="eu-west-1")

    assert len(events) == MOST_PAGES == 20


def test_a_session_of_ours_is_minted_for_the_shortest_time(stubs: Stubs, reader: AwsReader) -> None:
    answer = {
        "Credentials": {
            "AccessKeyId": "ASIAMINTEDMINTEDMINT",
            "SecretAccessKey": "minted-secret",
            "SessionToken": "minted-token",
            "Expiration": SEVEN,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"{ROLE_ID}:unleak",
            "Arn": "arn:aws:sts::111122223333:assumed-role/app/unleak",
        },
    }
    expected = {"RoleArn": ROLE_ARN, "RoleSessionName": "unleak", "DurationSeconds": 900}
    stubs.of("sts").add_response("assume_role", answer, expected)

    minted = reader.assume_role(ROLE_ARN, session_name="unleak")

    assert minted == FoundCredential(
        access_key_id="ASIAMINTEDMINTEDMINT",
        secret=Secret("minted-secret"),
        session_token=Secret("minted-token"),
        expires_at=SEVEN,
        arn="arn:aws:sts::111122223333:assumed-role/app/unleak",
    )
    assert minted.can_sign
    assert "minted-secret" not in repr(minted)

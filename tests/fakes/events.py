"""Events in every documented shape, with made-up names; each call gives a fresh one to spoil."""

from __future__ import annotations

import base64
import json
from typing import TypeAlias

Event: TypeAlias = "dict[str, object]"

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
KEY_ID = "AKIARTX3GSDSQLP5YHBV"
SESSION_ID = "ASIARTX3GSDSQLP5YHBW"
"""Both carry `ACCOUNT`, as AWS's own ids do."""
ROLE_ID = "AROAQWERTYQWERTYQWERT"
USER_ID = "AIDAQWERTYQWERTYQWERT"
TIME = "2026-11-25T07:00:00Z"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzPLEKEYzz"


def bus(source: str, detail_type: str, detail: Event, *, region: str = "us-east-1") -> Event:
    """Return an event as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": TIME,
        "region": region,
        "resources": [],
        "detail": detail,
    }


def health(
    code: str = "AWS_RISK_CREDENTIALS_EXPOSED", *entities: str, service: str = "RISK"
) -> Event:
    """Return a Health event; without entities it names the key."""
    return bus(
        "aws.health",
        "AWS Health Event",
        {
            "eventArn": f"arn:aws:health:us-east-1::event/{service}/{code}/{code}_1234",
            "service": service,
            "eventTypeCode": code,
            "eventTypeCategory": "issue",
            "statusCode": "open",
            "startTime": "Wed, 25 Nov 2026 07:00:00 GMT",
            "eventDescription": [{"language": "en_US", "latestDescription": "A description"}],
            "affectedEntities": [{"entityValue": each} for each in entities or (KEY_ID,)],
            "affectedAccount": ACCOUNT,
            "page": "1",
            "totalPages": "1",
        },
    )


def trusted_advisor(*, status: str = "ERROR", user: str = "ci") -> Event:
    """Return one item of the check of exposed keys."""
    return bus(
        "aws.trustedadvisor",
        "Trusted Advisor Check Item Refresh Notification",
        {
            "check-name": "Exposed Access Keys",
            "check-item-detail": {
                "Case ID": "12345678-1234-1234-abcd-1234567890ab",
                "Usage (USD per Day)": "0",
                "User Name (IAM or Root)": user,
                "Deadline": "1440453299248",
                "Access Key ID": KEY_ID,
                "Time Updated": "1440021299248",
                "Fraud Type": "Exposed",
                "Location": "www.example.com",
            },
            "status": status,
            "resource_id": "",
            "uuid": "aa12345f-55c7-498e-b7ac-123456789012",
        },
    )


def guardduty_finding(
    type_: str = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
) -> Event:
    """Return a finding about a session of a role, as it stands in an event's detail."""
    return {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": "eu-west-1",
        "partition": "aws",
        "id": "44b7c4e9781822beb75d3fbd518abf5b",
        "arn": f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/b2b7/finding/44b7",
        "type": type_,
        "resource": {
            "resourceType": "AccessKey",
            "accessKeyDetails": {
                "accessKeyId": SESSION_ID,
                "principalId": f"{ROLE_ID}:i-0123456789abcdef0",
                "userType": "AssumedRole",
                "userName": "deploy",
            },
            "instanceDetails": {"instanceId": "i-0123456789abcdef0"},
        },
        "service": {
            "serviceName": "guardduty",
            "action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {"api": "ListBuckets"}},
            "eventFirstSeen": "2026-11-25T06:00:00Z",
            "eventLastSeen": "2026-11-25T06:30:00Z",
            "archived": False,
            "count": 3,
            "additionalInfo": {"value": "{}", "type": "default"},
        },
        "severity": 8,
        "title": "Credentials of the instance role deploy were used from outside.",
        "description": "Credentials were used from 198.51.100.0.",
    }


def guardduty(
    type_: str = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
) -> Event:
    """Return a finding on the bus."""
    return bus("aws.guardduty", "GuardDuty Finding", guardduty_finding(type_), region="eu-west-1")


def actor(key_id: str = SESSION_ID, name: str = "deploy") -> Event:
    """Return one actor of an attack sequence: a session of a role."""
    return {
        "id": f"user:{name}",
        "user": {
            "name": name,
            "uid": f"{ROLE_ID}:worker",
            "type": "AssumedRole",
            "credentialUid": key_id,
            "account": {"uid": ACCOUNT, "name": "shop"},
        },
        "session": {
            "uid": "session-1",
            "issuer": f"arn:aws:iam::{ACCOUNT}:role/team/{name}",
            "mfaStatus": "DISABLED",
            "createdTime": 1764054000000,
        },
    }


def attack_sequence(*actors: Event) -> Event:
    """Return an attack sequence; without actors one session of a role did it."""
    finding = guardduty_finding("AttackSequence:IAM/CompromisedCredentials")
    finding["severity"] = 9
    finding["resource"] = {"resourceType": "AttackSequence"}
    finding["service"] = {
        "serviceName": "guardduty",
        "archived": False,
        "eventLastSeen": "2026-11-25T06:30:00Z",
        "detection": {
            "sequence": {
                "uid": "sequence-1",
                "description": "A sequence of requests by one session.",
                "actors": list(actors or (actor(),)),
                "resources": [
                    {
                        "uid": f"AWS::IAM::AccessKey:{KEY_ID}",
                        "name": KEY_ID,
                        "resourceType": "ACCESS_KEY",
                        "accountId": ACCOUNT,
                        "data": {
                            "accessKey": {
                                "principalId": USER_ID,
                                "userName": "ci",
                                "userType": "IAMUser",
                            }
                        },
                    }
                ],
                "signals": [{"uid": "signal-1", "type": "CLOUD_TRAIL"}],
            }
        },
    }
    return bus("aws.guardduty", "GuardDuty Finding", finding, region="eu-west-1")


def quarantine_record(policy: str = "AWSCompromisedKeyQuarantineV3") -> Event:
    """Return CloudTrail's record of AWS putting a user into quarantine, in the user's own name."""
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": USER_ID,
            "arn": f"arn:aws:iam::{ACCOUNT}:user/ci",
            "accountId": ACCOUNT,
            "accessKeyId": KEY_ID,
            "userName": "ci",
        },
        "eventTime": TIME,
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "AWS Internal",
        "userAgent": "aws-internal",
        "requestParameters": {
            "userName": "ci",
            "policyArn": f"arn:aws:iam::aws:policy/{policy}",
        },
        "responseElements": None,
        "eventID": "5c7a1f0e-7c2e-4f6e-9a62-7d1f5f3a2b11",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
    }


def quarantine(policy: str = "AWSCompromisedKeyQuarantineV3") -> Event:
    """Return the same through EventBridge."""
    return bus("aws.iam", "AWS API Call via CloudTrail", quarantine_record(policy))


def asff(key_id: str = SESSION_ID) -> Event:
    """Return a finding of GuardDuty as Security Hub CSPM passes it on."""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/b2b7/finding/44b7",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty",
        "ProductName": "GuardDuty",
        "Region": "eu-west-1",
        "AwsAccountId": ACCOUNT,
        "Types": ["TTPs/PenTest:IAMUser-KaliLinux"],
        "LastObservedAt": "2026-11-25T06:30:00Z",
        "Severity": {"Label": "MEDIUM", "Normalized": 50},
        "Title": "Kali Linux was used by deploy.",
        "Description": "An API was called.",
        "Resources": [
            {
                "Type": "AwsIamAccessKey",
                "Id": f"AWS::IAM::AccessKey:{key_id}",
                "Partition": "aws",
                "Details": {
                    "AwsIamAccessKey": {
                        "AccessKeyId": key_id,
                        "PrincipalId": f"{ROLE_ID}:worker",
                        "PrincipalType": "AssumedRole",
                        "PrincipalName": "deploy",
                    }
                },
            }
        ],
        "Workflow": {"Status": "NEW"},
        "RecordState": "ACTIVE",
        "Sample": False,
    }


def security_hub(*findings: Event) -> Event:
    """Return findings of Security Hub CSPM on the bus."""
    detail: Event = {"findings": list(findings or (asff(),))}
    return bus("aws.securityhub", "Security Hub Findings - Imported", detail, region="eu-west-1")


def ocsf() -> Event:
    """Return a detection of the new Security Hub, by the schema alone."""
    return {
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "activity_name": "Create",
        "cloud": {"account": {"uid": ACCOUNT}, "provider": "AWS", "region": "eu-west-1"},
        "finding_info": {
            "uid": "finding-1",
            "title": "Unusual calls by ci",
            "types": ["CredentialAccess:IAMUser/AnomalousBehavior"],
            "last_seen_time_dt": "2026-11-25T06:30:00Z",
        },
        "evidences": [
            {
                "actor": {
                    "user": {
                        "name": "ci",
                        "type": "IAMUser",
                        "uid": USER_ID,
                        "credential_uid": KEY_ID,
                        "account": {"uid": ACCOUNT},
                    }
                }
            }
        ],
        "resources": [{"uid": f"arn:aws:s3:::{'b' * 10}", "type": "AWS::S3::Bucket"}],
        "severity": "Medium",
        "status": "New",
    }


def security_hub_v2(finding: Event | None = None) -> Event:
    """Return a finding of the new Security Hub on the bus."""
    detail: Event = {"findings": [finding or ocsf()]}
    return bus("aws.securityhub", "Findings Imported V2", detail, region="eu-west-1")


def webhook(action: str = "created", secret_type: str = "aws_access_key_id") -> Event:
    """Return the body of GitHub's webhook."""
    return {
        "action": action,
        "alert": {
            "number": 42,
            "created_at": TIME,
            "updated_at": None,
            "url": "https://api.github.com/repos/acme/shop/secret-scanning/alerts/42",
            "html_url": "https://github.com/acme/shop/security/secret-scanning/42",
            "secret_type": secret_type,
            "secret_type_display_name": "Amazon AWS Access Key ID",
            "validity": "unknown",
            "publicly_leaked": False,
            "resolution": None,
        },
        "repository": {"full_name": "acme/shop", "html_url": "https://github.com/acme/shop"},
        "sender": {"login": "github"},
    }


def from_web(
    body: str | bytes,
    *,
    event: str | None = "secret_scanning_alert",
    content_type: str = "application/json",
    signature: str = "",
) -> Event:
    """Return a request as a Function URL hands it on; bytes come in base64."""
    headers = {"content-type": content_type, "x-hub-signature-256": signature}
    if event is not None:
        headers["x-github-event"] = event
    is_base64 = isinstance(body, bytes)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/github",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"http": {"method": "POST", "path": "/github"}},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": is_base64,
    }


def queued(*bodies: object) -> Event:
    """Return messages of a queue."""
    return {
        "Records": [
            {"messageId": str(number), "body": _text(body), "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
    }


def published(message: object) -> Event:
    """Return what a topic sends to a function."""
    notice = {"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": _text(message)}
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notice}]}


def notified(message: object) -> Event:
    """Return what a topic puts into a queue."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
    return {"Type": "Notification", "TopicArn": topic, "Message": _text(message)}


def _text(message: object) -> str:
    return message if isinstance(message, str) else json.dumps(message)

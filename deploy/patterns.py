"""What the bus has to bring to the responder, as EventBridge's patterns.

Patterns are wide on purpose: the responder reads every event again, and says why it leaves one
alone.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from typing import TypeAlias

Pattern: TypeAlias = "dict[str, object]"

_HEALTH: Pattern = {
    "source": ["aws.health"],
    "detail-type": ["AWS Health Event"],
    "detail": {
        "eventTypeCode": [
            "AWS_RISK_CREDENTIALS_EXPOSED",
            "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED",
            "AWS_RISK_CREDENTIALS_COMPROMISED",
            "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED",
            "AWS_RISK_ACCOUNT_CONSOLE_COMPROMISE",
            "AWS_RISK_IAM_QUARANTINE",
        ]
    },
}
_TRUSTED_ADVISOR: Pattern = {
    "source": ["aws.trustedadvisor"],
    "detail-type": ["Trusted Advisor Check Item Refresh Notification"],
    "detail": {"check-name": ["Exposed Access Keys"]},
}
_GUARD_DUTY: Pattern = {
    "source": ["aws.guardduty"],
    "detail-type": ["GuardDuty Finding"],
    "detail": {
        "$or": [
            {"resource": {"resourceType": ["AccessKey"]}},
            {"type": [{"prefix": "AttackSequence:"}]},
        ]
    },
}
_SECURITY_HUB: Pattern = {
    "source": ["aws.securityhub"],
    "detail-type": ["Security Hub Findings - Imported"],
    "detail": {
        "findings": {
            "RecordState": ["ACTIVE"],
            "Resources": {"Type": ["AwsIamAccessKey", "AwsIamRole", "AwsIamUser"]},
        }
    },
}
_SECURITY_HUB_OCSF: Pattern = {
    "source": ["aws.securityhub"],
    "detail-type": [{"prefix": "Findings Imported"}],
    "detail": {"findings": {"class_uid": [2004]}},
}
"""Detection findings of the new Security Hub, in OCSF.

Source: https://schema.ocsf.io/classes/detection_finding
"""
_QUARANTINE: Pattern = {
    "source": ["aws.iam"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {
        "eventSource": ["iam.amazonaws.com"],
        "eventName": ["AttachUserPolicy", "PutUserPolicy"],
        "requestParameters": {
            "$or": [
                {
                    "policyArn": [
                        {"wildcard": "arn:aws*:iam::aws:policy/AWSCompromisedKeyQuarantine*"}
                    ]
                },
                {"policyName": ["AWSExposedCredentialPolicy_DO_NOT_REMOVE"]},
            ]
        },
    },
}

PATTERNS: dict[str, Pattern] = {
    "Health": _HEALTH,
    "TrustedAdvisor": _TRUSTED_ADVISOR,
    "GuardDuty": _GUARD_DUTY,
    "SecurityHub": _SECURITY_HUB,
    "SecurityHubOcsf": _SECURITY_HUB_OCSF,
    "Quarantine": _QUARANTINE,
}
"""By the name of the rule.  Health, Trusted Advisor and IAM speak in us-east-1, the others in each
region."""

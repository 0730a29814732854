"""What to do about a call that cost money, gave out data or blinded a log: one line for each.

The names are the API's; the commands are those of the AWS CLI.
Source: https://docs.aws.amazon.com/cli/latest/reference/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unleak.trail.tactics import COSTS, DATA, TAMPERING, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_IN_REGION: Final = "in each region that the timeline names"
_KNOWN: Final = "it is known to the thief: give it a new value where it comes from, then everywhere"
_SHARED: Final = "take the sharing back, and treat what was in it as known to the thief"
_COPIED: Final = "treat what was in it as known to the thief; look who may read the copy"
_MODELS: Final = (
    "see AWS/Bedrock in CloudWatch for the tokens; open a billing case with AWS Support"
)
_MAIL: Final = "aws sesv2 get-account; ask AWS Support about your reputation before you send on"

_FIXES: Final = {
    # what blinds
    "StopLogging": "aws cloudtrail start-logging --name TRAIL",
    "DeleteTrail": "make the trail anew, with log file validation, from your own templates",
    "UpdateTrail": "aws cloudtrail get-trail --name TRAIL: compare bucket, regions and key",
    "PutEventSelectors": "aws cloudtrail get-event-selectors --trail-name TRAIL: put yours back",
    "DeleteEventDataStore": (
        "within 7 days: aws cloudtrail restore-event-data-store --event-data-store ID"
    ),
    "StopEventDataStoreIngestion": (
        "aws cloudtrail start-event-data-store-ingestion --event-data-store ID"
    ),
    "DeleteFlowLogs": "aws ec2 create-flow-logs: make them anew",
    "DeleteDetector": "aws guardduty create-detector --enable, " + _IN_REGION,
    "UpdateDetector": "aws guardduty get-detector --detector-id ID: turn on what was turned off",
    "CreateFilter": "aws guardduty list-filters --detector-id ID: delete what hides findings",
    "CreateIPSet": "aws guardduty list-ip-sets --detector-id ID: delete what trusts the thief",
    "StopConfigurationRecorder": (
        "aws configservice start-configuration-recorder --configuration-recorder-name NAME"
    ),
    "DeleteConfigurationRecorder": "make the recorder anew: aws configservice "
    "put-configuration-recorder",
    "DeleteConfigRule": "make the rule anew from your own templates",
    "DisableSecurityHub": "aws securityhub enable-security-hub, " + _IN_REGION,
    "DeleteModelInvocationLoggingConfiguration": (
        "aws bedrock put-model-invocation-logging-configuration: put yours back"
    ),
    "DeleteAlarms": "make the alarms anew from your own templates",
    "DeleteLogGroup": "what was in it is gone; look in copies and subscriptions",
    "DeleteLogStream": "what was in it is gone; look in copies and subscriptions",
    "EnableRegion": "aws account disable-region --region-name REGION, once it is empty",
    "PutAlternateContact": "aws account get-alternate-contact --alternate-contact-type SECURITY",
    "StartPrimaryEmailUpdate": "look at the root user's address now, and tell AWS Support",
    "CloseAccount": "AWS Support can open the account again within 90 days",
    # what costs
    "RunInstances": "aws ec2 describe-instances, then terminate-instances, " + _IN_REGION,
    "RequestSpotInstances": "aws ec2 cancel-spot-instance-requests, then terminate-instances",
    "CreateFleet": "aws ec2 delete-fleets --terminate-instances --fleet-ids ID",
    "CreateCluster": "aws ecs list-clusters and aws eks list-clusters, " + _IN_REGION,
    "CreateService": "aws ecs delete-service --force --cluster NAME --service NAME",
    "CreateFunction": "aws lambda delete-function --function-name NAME",
    "CreateTrainingJob": "aws sagemaker stop-training-job --training-job-name NAME",
    "CreateProcessingJob": "aws sagemaker stop-processing-job --processing-job-name NAME",
    "CreateEndpoint": "aws sagemaker delete-endpoint --endpoint-name NAME",
    "CreateInstances": "aws lightsail get-instances, then delete-instance, " + _IN_REGION,
    "CreateModelInvocationJob": "aws bedrock stop-model-invocation-job --job-identifier ARN",
    "InvokeModel": _MODELS,
    "InvokeModelWithResponseStream": _MODELS,
    "Converse": _MODELS,
    "ConverseStream": _MODELS,
    "SendEmail": _MAIL,
    "SendRawEmail": _MAIL,
    "RegisterDomain": "aws route53domains list-domains: open a case with AWS Support",
    "TransferDomain": "aws route53domains cancel-domain-transfer-to-another-aws-account",
    # what gives out data
    "GetSecretValue": _KNOWN,
    "BatchGetSecretValue": _KNOWN,
    "GetParameter": _KNOWN,
    "GetParameters": _KNOWN,
    "GetParametersByPath": _KNOWN,
    "GetPasswordData": "change the administrator's password of the instance",
    "GetObject": "treat the object as known to the thief",
    "CopyObject": _COPIED,
    "ModifySnapshotAttribute": _SHARED,
    "ModifyImageAttribute": _SHARED,
    "ModifyDBSnapshotAttribute": _SHARED,
    "CopySnapshot": _COPIED,
    "CopyDBSnapshot": _COPIED,
}
_ELSE: Final = "look at each in the timeline (`--json`), and take it back where it should not be"


def fixes_for(names: Iterable[str]) -> dict[str, str]:
    """Return one line for each call that cost money, gave out data or blinded a log.

    Args:
        names: calls that were made and succeeded, as `eventName` has them.
    """
    plain = {plain_name(each) for each in names} & (COSTS | DATA | TAMPERING)
    return {each: _FIXES.get(each, _ELSE) for each in sorted(plain)}

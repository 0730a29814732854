"""Which call serves which tactic, as data; the lists are the ones responders publish.

Sources: https://github.com/aws-samples/aws-incident-response-playbooks (credential compromise),
https://stratus-red-team.cloud/attack-techniques/AWS/, and the actions of AWS's quarantine policy,
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
"""

from __future__ import annotations

import re
from typing import Final

from unleak.model.trace import Tactic

_NAMES: Final = {
    Tactic.RECON: """
        GetCallerIdentity GetAccountAuthorizationDetails SimulatePrincipalPolicy GetSendQuota
        GetAccount GetModelInvocationLoggingConfiguration GetFoundationModelAvailability
        GetCostAndUsage GetSMSAttributes LookupEvents GetDetector""",
    Tactic.NEW_CREDENTIALS: """
        CreateAccessKey CreateLoginProfile UpdateLoginProfile ChangePassword
        CreateServiceSpecificCredential ResetServiceSpecificCredential UploadSSHPublicKey
        UploadSigningCertificate CreateVirtualMFADevice EnableMFADevice DeactivateMFADevice
        GetFederationToken GetSessionToken AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity
        AssumeRoot GetSigninToken ConsoleLogin SwitchRole CreateOAuth2Token
        CreateOAuth2TokenWithIAM CreateBearerToken GetWebIdentityToken GetAuthorizationToken
        GetDelegatedAccessToken AcceptDelegationRequest SendDelegationToken ImportKeyPair
        CreateKeyPair SendSSHPublicKey SendSerialConsoleSSHPublicKey GetRoleCredentials""",
    Tactic.PERSISTENCE: """
        CreateUser CreateRole AcquireRole UpdateAssumeRolePolicy CreateOpenIDConnectProvider
        AddClientIDToOpenIDConnectProvider CreateSAMLProvider UpdateSAMLProvider CreateTrustAnchor
        CreateProfile UpdateTrustAnchor CreateInstanceProfile AddRoleToInstanceProfile
        CreateFunctionUrlConfig AddPermission UpdateFunctionCode UpdateFunctionConfiguration
        PublishLayerVersion PutRule PutTargets CreateSchedule CreateEventSourceMapping
        RegisterTaskDefinition CreateStack CreatePermissionSet CreateAccountAssignment
        CreateEntitlement CreateGroupMembership CreateAccount InviteAccountToOrganization
        LeaveOrganization RegisterDelegatedAdministrator CreateProject CreateWebhook
        ImportSourceCredentials ModifyInstanceAttribute CreateLaunchTemplateVersion
        CreateActivation CreateAssociation PutConsoleAuthorizationConfiguration""",
    Tactic.PRIVILEGE_ESCALATION: """
        AttachUserPolicy AttachRolePolicy AttachGroupPolicy PutUserPolicy PutRolePolicy
        PutGroupPolicy CreatePolicyVersion SetDefaultPolicyVersion AddUserToGroup
        DeleteUserPermissionsBoundary DeleteRolePermissionsBoundary CreateNotebookInstance
        CreateDevEndpoint ReplaceIamInstanceProfileAssociation AssociateIamInstanceProfile
        UpdateAccountPasswordPolicy""",
    Tactic.DEFENCE_EVASION: """
        StopLogging DeleteTrail UpdateTrail PutEventSelectors DeleteFlowLogs DeleteDetector
        UpdateDetector CreateFilter CreateIPSet DisassociateFromMasterAccount
        DisassociateFromAdministratorAccount DeleteConfigRule StopConfigurationRecorder
        DeleteConfigurationRecorder DisableSecurityHub DeleteResolverQueryLogConfig
        DeleteModelInvocationLoggingConfiguration DetachUserPolicy DeleteAlarms DeleteLogGroup
        DeleteLogStream CloseAccount PutAlternateContact StartPrimaryEmailUpdate EnableRegion
        DeleteEventDataStore StopEventDataStoreIngestion""",
    Tactic.DATA_ACCESS: """
        GetSecretValue BatchGetSecretValue GetParameter GetParameters GetParametersByPath Decrypt
        GetPasswordData GetConsoleOutput GetObject CopyObject CreateSnapshot
        ModifySnapshotAttribute ModifyImageAttribute ModifyDBSnapshotAttribute CopySnapshot
        CopyDBSnapshot StartExportTask GetSnapshotBlock PutBucketPolicy PutBucketAcl
        DeletePublicAccessBlock DeleteBucketPublicAccessBlock PutBucketReplication
        RestoreDBInstanceFromDBSnapshot ExportTableToPointInTime CreateGrant StartSession
        SendCommand AuthorizeSecurityGroupIngress""",
    Tactic.IMPACT: """
        RunInstances RequestSpotInstances CreateFleet RequestServiceQuotaIncrease CreateCluster
        CreateService CreateFunction CreateProcessingJob CreateTrainingJob CreateEndpoint
        InvokeModel InvokeModelWithResponseStream Converse ConverseStream
        CreateFoundationModelAgreement PutUseCaseForModelAccess PutFoundationModelEntitlement
        CreateModelInvocationJob PutAccountDetails UpdateAccountSendingEnabled CreateEmailIdentity
        VerifyDomainIdentity SendEmail SendRawEmail SetSMSAttributes Publish CreateInstances
        PurchaseReservedInstancesOffering CreateSavingsPlan CreateApp RegisterDomain
        TransferDomain PutObject DeleteObject DeleteObjects PutBucketVersioning
        PutBucketLifecycle PutBucketLifecycleConfiguration ScheduleKeyDeletion DisableKey
        PutKeyPolicy DeleteDBInstance DeleteBackup DeleteRecoveryPoint DeregisterImage""",
}
_BY_NAME: Final = {name: tactic for tactic, names in _NAMES.items() for name in names.split()}

TAMPERING: Final = frozenset(
    name for name in _NAMES[Tactic.DEFENCE_EVASION].split() if name != "DetachUserPolicy"
)
"""Calls that blind a log or a detector."""

COSTS: Final = frozenset(
    """
    RunInstances RequestSpotInstances CreateFleet RequestServiceQuotaIncrease CreateCluster
    CreateService CreateFunction CreateProcessingJob CreateTrainingJob CreateEndpoint InvokeModel
    InvokeModelWithResponseStream Converse ConverseStream CreateModelInvocationJob SendEmail
    SendRawEmail Publish CreateInstances PurchaseReservedInstancesOffering CreateSavingsPlan
    CreateApp RegisterDomain TransferDomain
    """.split()  # noqa: SIM905 - a list of names is easier to read as text
)
"""Calls that cost money, or open the way to it."""

DATA: Final = frozenset(
    """
    GetSecretValue BatchGetSecretValue GetParameter GetParameters GetParametersByPath Decrypt
    GetPasswordData GetConsoleOutput GetObject CopyObject ModifySnapshotAttribute
    ModifyImageAttribute ModifyDBSnapshotAttribute CopySnapshot CopyDBSnapshot StartExportTask
    GetSnapshotBlock ExportTableToPointInTime RestoreDBInstanceFromDBSnapshot
    """.split()  # noqa: SIM905 - as above
)
"""Calls that give out data or secrets, or share them."""

_VERSIONED: Final = re.compile(r"20\d\d_?\d\d_?\d\d(?:v\d+)?$")
"""Lambda writes its API's date behind its calls: `CreateFunction20150331`."""
_READS: Final = ("Get", "List", "Describe", "Head", "Search", "BatchGet", "Lookup")


def plain_name(name: str) -> str:
    """Return a call's name without the date that Lambda puts behind it."""
    return _VERSIONED.sub("", name)


def tactic_of(name: str) -> Tactic:
    """Return what a call is good for; a read that no list names is reconnaissance.

    Args:
        name: the call, as `eventName` has it.
    """
    name = plain_name(name)
    found = _BY_NAME.get(name)
    if found is not None:
        return found
    return Tactic.RECON if name.startswith(_READS) else Tactic.OTHER

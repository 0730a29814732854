"""What the event responder may do beside containing: tell people, and read its own secrets.

Each action has to be narrowed to the topics, identities, parameters and secrets of the policy file.
Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
and https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
"""

from __future__ import annotations

TELL = ("ses:SendEmail", "sns:Publish")
ITSELF = ("lambda:InvokeFunction",)
"""On the function itself: requests over HTTPS are worked on after they were answered."""
OWN_SECRETS = ("kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter")
"""`kms:Decrypt` for values under a key of the account's own, and for the topic's key."""

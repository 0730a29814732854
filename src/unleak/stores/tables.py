"""The services that a table describes: one function a store, as entry points want it."""

from __future__ import annotations

from unleak.stores.described import Described, Detail, Listing


def batch() -> Described:
    """Return the store of Batch's job definitions; each active revision is one.

    Source: https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobDefinitions.html
    """
    definitions = Listing(
        method="describe_job_definitions",
        key="jobDefinitions",
        kind="job-definition",
        name=("jobDefinitionName", "revision"),
        separator=":",
        parameters=(("status", "ACTIVE"),),
        note="register a new revision; jobs that override it bring their own values",
    )
    return Described(
        name="batch",
        title="Batch job definitions",
        service="batch",
        needs=("batch:DescribeJobDefinitions",),
        listings=(definitions,),
    )


def glue() -> Described:
    """Return the store of Glue's job arguments, trigger arguments and connections.

    Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
    """
    jobs = Listing(method="get_jobs", key="Jobs", kind="job", name=("Name",))
    triggers = Listing(method="get_triggers", key="Triggers", kind="trigger", name=("Name",))
    connections = Listing(
        method="get_connections",
        key="ConnectionList",
        kind="connection",
        name=("Name",),
        parameters=(("HidePassword", False),),
    )
    return Described(
        name="glue",
        title="Glue jobs, triggers and connections",
        service="glue",
        needs=("glue:GetJobs", "glue:GetTriggers", "glue:GetConnections", "kms:Decrypt"),
        listings=(jobs, triggers, connections),
    )


def apprunner() -> Described:
    """Return the store of App Runner's services, which exist in some regions only.

    Source: https://docs.aws.amazon.com/apprunner/latest/api/API_DescribeService.html
    """
    services = Listing(
        method="list_services",
        key="ServiceSummaryList",
        kind="service",
        name=("ServiceName",),
        detail=Detail(method="describe_service", takes=(("ServiceArn", "ServiceArn"),)),
        has_page_model=False,
        note="changing it deploys the service anew",
    )
    return Described(
        name="apprunner",
        title="App Runner services",
        service="apprunner",
        needs=("apprunner:ListServices", "apprunner:DescribeService"),
        listings=(services,),
    )


def amplify() -> Described:
    """Return the store of Amplify's apps and branches, with variables and build specification.

    Source: https://docs.aws.amazon.com/amplify/latest/APIReference/API_ListBranches.html
    """
    note = "the next build takes it up; what is deployed may have it built in"
    branches = Listing(
        method="list_branches",
        key="branches",
        kind="branch",
        name=("branchName",),
        takes=(("appId", "appId"),),
        note=note,
    )
    apps = Listing(
        method="list_apps", key="apps", kind="app", name=("name",), note=note, within=(branches,)
    )
    return Described(
        name="amplify",
        title="Amplify apps and branches",
        service="amplify",
        needs=("amplify:ListApps", "amplify:ListBranches"),
        listings=(apps,),
    )


def elasticbeanstalk() -> Described:
    """Return the store of Elastic Beanstalk's environments and their option settings.

    Source:
    https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_DescribeConfigurationSettings.html
    """
    detail = Detail(
        method="describe_configuration_settings",
        takes=(("ApplicationName", "ApplicationName"), ("EnvironmentName", "EnvironmentName")),
    )
    environments = Listing(
        method="describe_environments",
        key="Environments",
        kind="environment",
        name=("ApplicationName", "EnvironmentName"),
        parameters=(("IncludeDeleted", False),),
        detail=detail,
        note="saved configurations of the application may hold it too",
    )
    return Described(
        name="elasticbeanstalk",
        title="Elastic Beanstalk environments",
        service="elasticbeanstalk",
        needs=(
            "elasticbeanstalk:DescribeEnvironments",
            "elasticbeanstalk:DescribeConfigurationSettings",
        ),
        listings=(environments,),
    )


def stepfunctions() -> Described:
    """Return the store of Step Functions' state machines and their definitions.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
    """
    machines = Listing(
        method="list_state_machines",
        key="stateMachines",
        kind="state-machine",
        name=("name",),
        detail=Detail(
            method="describe_state_machine", takes=(("stateMachineArn", "stateMachineArn"),)
        ),
    )
    return Described(
        name="stepfunctions",
        title="Step Functions definitions",
        service="stepfunctions",
        needs=("states:ListStateMachines", "states:DescribeStateMachine", "kms:Decrypt"),
        listings=(machines,),
    )


def sagemaker() -> Described:
    """Return the store of SageMaker's models and their containers' environments.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
    """
    models = Listing(
        method="list_models",
        key="Models",
        kind="model",
        name=("ModelName",),
        detail=Detail(method="describe_model", takes=(("ModelName", "ModelName"),)),
        note="it cannot be changed: make a new model and a new endpoint configuration",
    )
    return Described(
        name="sagemaker",
        title="SageMaker models",
        service="sagemaker",
        needs=("sagemaker:ListModels", "sagemaker:DescribeModel"),
        listings=(models,),
    )

# `terraform test` after `terraform init`; the provider is a mock, so no account is needed.
mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
}

variables {
  archive         = "./variables.tf" # any file: only its hash is looked at
  organization_id = "o-abcdefghij"
}

run "everything" {
  command = plan

  assert {
    condition     = aws_lambda_function.responder.environment[0].variables["UNLEAK_TABLE"] == aws_dynamodb_table.unleak.name
    error_message = "The function has to know its table."
  }
  assert {
    condition     = aws_cloudwatch_event_rule.sender["SecurityHubOcsf"].name == "unleak-security-hub-ocsf"
    error_message = "Rules are named as in the SAM template."
  }
  assert {
    condition     = length(aws_apigatewayv2_route.web) == 3
    error_message = "Three routes."
  }
}

run "without_web_and_organization" {
  command = plan

  variables {
    web             = false
    organization_id = "none"
  }

  assert {
    condition     = length(aws_apigatewayv2_route.web) == 0 && length(aws_cloudwatch_event_bus_policy.unleak) == 0
    error_message = "Nothing is open that was not asked for."
  }
  assert {
    condition     = aws_lambda_function.responder.environment[0].variables["UNLEAK_URL"] == ""
    error_message = "There is no address."
  }
}

run "an_unknown_processor_is_refused" {
  command = plan

  variables {
    architecture = "riscv"
  }

  expect_failures = [var.architecture]
}

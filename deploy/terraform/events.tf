# The file is written by `make deploy-files`, from the events that the code reads.
locals {
  patterns = jsondecode(file("${path.module}/patterns.json"))
  rules    = "arn:${local.partition}:events:${local.region}:${local.account}:rule/unleak*"
}

resource "aws_cloudwatch_event_rule" "sender" {
  for_each = local.patterns

  name          = "unleak-${lower(replace(each.key, "/([a-z])([A-Z])/", "$1-$2"))}"
  event_pattern = jsonencode(each.value)
}

resource "aws_cloudwatch_event_target" "sender" {
  for_each = local.patterns

  rule      = aws_cloudwatch_event_rule.sender[each.key].name
  target_id = "responder"
  arn       = aws_lambda_function.responder.arn

  dead_letter_config {
    arn = aws_sqs_queue.lost_events.arn
  }
}

resource "aws_cloudwatch_event_rule" "sweep" {
  name                = "unleak-sweep"
  description         = "Goes on with what a dead function began"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule      = aws_cloudwatch_event_rule.sweep.name
  target_id = "responder"
  arn       = aws_lambda_function.responder.arn
  input     = jsonencode({ unleak = "sweep" })

  retry_policy {
    maximum_retry_attempts       = 0
    maximum_event_age_in_seconds = 60
  }
}

resource "aws_lambda_permission" "rules" {
  statement_id   = "rules"
  function_name  = aws_lambda_function.responder.function_name
  action         = "lambda:InvokeFunction"
  principal      = "events.amazonaws.com"
  source_account = local.account
  source_arn     = local.rules
}

# What member accounts and other regions pass on.
resource "aws_cloudwatch_event_bus" "unleak" {
  name = "unleak"
}

resource "aws_cloudwatch_event_bus_policy" "unleak" {
  count = var.organization_id == "none" ? 0 : 1

  event_bus_name = aws_cloudwatch_event_bus.unleak.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TheOrganizationMaySend"
      Effect    = "Allow"
      Principal = "*"
      Action    = "events:PutEvents"
      Resource  = aws_cloudwatch_event_bus.unleak.arn
      Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization_id } }
    }]
  })
}

# AWS alone can send events whose source begins with "aws.".
resource "aws_cloudwatch_event_rule" "passed_on" {
  name           = "unleak-passed-on"
  event_bus_name = aws_cloudwatch_event_bus.unleak.name
  event_pattern  = jsonencode({ source = [{ prefix = "aws." }] })
}

resource "aws_cloudwatch_event_target" "passed_on" {
  rule           = aws_cloudwatch_event_rule.passed_on.name
  event_bus_name = aws_cloudwatch_event_bus.unleak.name
  target_id      = "responder"
  arn            = aws_lambda_function.responder.arn

  dead_letter_config {
    arn = aws_sqs_queue.lost_events.arn
  }
}

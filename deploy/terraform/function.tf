locals {
  archive = coalesce(var.archive, "${path.module}/../../dist/unleak-lambda-${var.architecture}.zip")
}

resource "aws_lambda_function" "responder" {
  #checkov:skip=CKV_AWS_117:It calls AWS's public endpoints alone; a VPC would add a NAT gateway that containment depends on
  #checkov:skip=CKV_AWS_272:Code signing needs the signing profile of whoever deploys; the archive is reproducible instead
  #checkov:skip=CKV_AWS_50:Each response is in the journal and in the log; X-Ray would need rights of its own
  function_name                  = "unleak-responder"
  description                    = "Cuts off leaked AWS credentials and proves that they are dead"
  architectures                  = [var.architecture]
  filename                       = local.archive
  source_code_hash               = filebase64sha256(local.archive)
  handler                        = "unleak.lambda_handler"
  runtime                        = "python3.13"
  role                           = aws_iam_role.responder.arn
  timeout                        = 900
  memory_size                    = var.memory_size
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = aws_kms_key.unleak.arn

  dead_letter_config {
    target_arn = aws_sqs_queue.lost_events.arn
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.responder.name
  }

  environment {
    variables = {
      UNLEAK_POLICY      = var.policy
      UNLEAK_TABLE       = aws_dynamodb_table.unleak.name
      UNLEAK_MEMBER_ROLE = var.member_role_name
      UNLEAK_URL         = var.web ? aws_apigatewayv2_api.web[0].api_endpoint : ""
    }
  }

  depends_on = [aws_iam_role_policy.responder, aws_iam_role_policy.log]
}

resource "aws_lambda_function_event_invoke_config" "responder" {
  function_name                = aws_lambda_function.responder.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600
}

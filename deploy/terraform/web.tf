# GitHub's webhooks and approvals.
resource "aws_apigatewayv2_api" "web" {
  count = var.web ? 1 : 0

  name          = "unleak"
  description   = "GitHub's webhooks and approvals"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "web" {
  count = var.web ? 1 : 0

  api_id                 = aws_apigatewayv2_api.web[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.responder.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_route" "web" {
  #checkov:skip=CKV_AWS_309:GitHub signs each request, approvals carry a signed one-time token; the function checks both
  for_each = var.web ? toset(["POST /github", "GET /", "POST /"]) : toset([])

  api_id             = aws_apigatewayv2_api.web[0].id
  route_key          = each.value
  authorization_type = "NONE"
  target             = "integrations/${aws_apigatewayv2_integration.web[0].id}"
}

resource "aws_cloudwatch_log_group" "web" {
  count = var.web ? 1 : 0

  name              = "/unleak/web"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.unleak.arn
}

resource "aws_apigatewayv2_stage" "web" {
  count = var.web ? 1 : 0

  api_id      = aws_apigatewayv2_api.web[0].id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_burst_limit = 20
    throttling_rate_limit  = 10
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.web[0].arn
    # no query: tokens of approvals are in it
    format = jsonencode({
      time   = "$context.requestTime"
      ip     = "$context.identity.sourceIp"
      route  = "$context.routeKey"
      status = "$context.status"
      id     = "$context.requestId"
      error  = "$context.error.messageString"
    })
  }
}

resource "aws_lambda_permission" "web" {
  count = var.web ? 1 : 0

  statement_id   = "web"
  function_name  = aws_lambda_function.responder.function_name
  action         = "lambda:InvokeFunction"
  principal      = "apigateway.amazonaws.com"
  source_account = local.account
  source_arn     = "${aws_apigatewayv2_api.web[0].execution_arn}/*"
}

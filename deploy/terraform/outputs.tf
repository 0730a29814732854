output "function_arn" {
  description = "The function."
  value       = aws_lambda_function.responder.arn
}

output "role_arn" {
  description = "What the member roles trust."
  value       = aws_iam_role.responder.arn
}

output "bus_arn" {
  description = "Where member accounts and other regions send."
  value       = aws_cloudwatch_event_bus.unleak.arn
}

output "table_name" {
  description = "UNLEAK_HOME=dynamodb:TABLE shows the incidents on your machine."
  value       = aws_dynamodb_table.unleak.name
}

output "url" {
  description = "The webhook of GitHub is this and /github; null without web."
  value       = var.web ? aws_apigatewayv2_api.web[0].api_endpoint : null
}

# When the responder itself fails.
locals {
  of_function = { FunctionName = aws_lambda_function.responder.function_name }

  alarms = {
    events-are-lost = {
      description = "The responder gave up on an event; it is in the queue unleak-lost-events (docs/deploy.md)"
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.lost_events.name }
      statistic   = "Maximum"
      period      = 60
      comparison  = "GreaterThanOrEqualToThreshold"
      missing     = "notBreaching"
    }
    fails = {
      description = "The responder failed; it tries again, but look into the log /unleak/responder"
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = local.of_function
      statistic   = "Sum"
      period      = 60
      comparison  = "GreaterThanOrEqualToThreshold"
      missing     = "notBreaching"
    }
    is-throttled = {
      description = "Events wait, as the responder's concurrency is used up; raise reserved_concurrency"
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = local.of_function
      statistic   = "Sum"
      period      = 60
      comparison  = "GreaterThanOrEqualToThreshold"
      missing     = "notBreaching"
    }
    is-silent = {
      description = "The responder has not run for 15 minutes, though its sweep comes every 5"
      namespace   = "AWS/Lambda"
      metric      = "Invocations"
      dimensions  = local.of_function
      statistic   = "Sum"
      period      = 900
      comparison  = "LessThanThreshold"
      missing     = "breaching"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "responder" {
  for_each = local.alarms

  alarm_name          = "unleak-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = each.value.comparison
  treat_missing_data  = each.value.missing
  alarm_actions       = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

resource "aws_dynamodb_table" "unleak" {
  name                        = "unleak"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = true

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.unleak.arn
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_key" "unleak" {
  description             = "unleak's journal, logs and lost events"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountDecidesInIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.amazonaws.com" }
        Action    = ["kms:Decrypt*", "kms:DescribeKey", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/unleak/*"
          }
        }
      },
      {
        Sid       = "EventsThatFoundNoFunction"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
    ]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "responder" {
  name              = "/unleak/responder"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.unleak.arn
}

resource "aws_sqs_queue" "lost_events" {
  name                      = "unleak-lost-events"
  message_retention_seconds = 1209600
  kms_master_key_id         = aws_kms_key.unleak.arn
}

resource "aws_sqs_queue_policy" "lost_events" {
  queue_url = aws_sqs_queue.lost_events.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventsThatFoundNoFunction"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.lost_events.arn
        Condition = { ArnLike = { "aws:SourceArn" = local.rules } }
      },
      {
        Sid       = "TransportIsEncrypted"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.lost_events.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

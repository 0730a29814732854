resource "aws_iam_role" "responder" {
  name                 = "unleak-responder"
  description          = "The responder's; everything that may assume it may cut off anybody"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# The file is written by `make deploy-files`, from the code that makes the calls.
resource "aws_iam_role_policy" "responder" {
  #checkov:skip=CKV_AWS_290:Whoever leaks has to be cut off; which principal that is, is not known beforehand
  #checkov:skip=CKV_AWS_289:As above
  #checkov:skip=CKV_AWS_286:As above; deploy/members/protect-scp.json keeps others from this role
  #checkov:skip=CKV_AWS_355:As above; everything that is not IAM's has its resource named
  #checkov:skip=CKV_AWS_287:Finding the owner of a key and reading what it may do is the job; the actions are read-only
  name = "responder"
  role = aws_iam_role.responder.id
  policy = templatefile("${path.module}/responder-policy.json.tftpl", {
    table        = aws_dynamodb_table.unleak.arn
    key          = aws_kms_key.unleak.arn
    queue        = aws_sqs_queue.lost_events.arn
    partition    = local.partition
    region       = local.region
    account      = local.account
    organization = var.organization_id
    member_role  = var.member_role_name
    topics       = var.topic_names
    sender       = var.sender_identity
  })
}

resource "aws_iam_role_policy" "log" {
  name = "log"
  role = aws_iam_role.responder.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "UnleakLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.responder.arn}:*"
    }]
  })
}

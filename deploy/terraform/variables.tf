variable "architecture" {
  description = "What the function runs on: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "archive" {
  description = "The archive that `make lambda` built; null is the one in dist/ for the architecture."
  type        = string
  default     = null
}

variable "policy" {
  description = "Where the policy is: ssm:/unleak/..., secretsmanager:unleak/..., or a file inside the archive."
  type        = string
  default     = "ssm:/unleak/policy"

  validation {
    condition     = can(regex("^((ssm:/unleak/|secretsmanager:unleak/)[A-Za-z0-9/_.-]+|[A-Za-z0-9_.-]+\\.(toml|json))$", var.policy))
    error_message = "The policy is ssm:/unleak/..., secretsmanager:unleak/..., or a file inside the archive."
  }
}

variable "organization_id" {
  description = "The organization whose accounts may send events and be entered; none: this account alone."
  type        = string
  default     = "none"

  validation {
    condition     = can(regex("^(o-[a-z0-9]{10,32}|none)$", var.organization_id))
    error_message = "An organization's id begins with o-."
  }
}

variable "member_role_name" {
  description = "The role in each member account (deploy/members)."
  type        = string
  default     = "unleak-member"
}

variable "topic_names" {
  description = "The SNS topics of this account that messages may go to."
  type        = string
  default     = "unleak-*"
}

variable "sender_identity" {
  description = "The verified identity of SES that mail may come from."
  type        = string
  default     = "none.invalid"
}

variable "alarm_topic_arn" {
  description = "Whom to tell when the responder itself fails; null: the alarms are silent."
  type        = string
  default     = null
}

variable "web" {
  description = "Whether GitHub's webhooks and approvals are answered over HTTPS."
  type        = bool
  default     = true
}

variable "reserved_concurrency" {
  description = "How many events are worked on at once; -1 is not reserved (an account's quota may be too small for it)."
  type        = number
  default     = 10
}

variable "memory_size" {
  description = "Mebibytes; it runs in 512, but processor time comes with memory."
  type        = number
  default     = 1024
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number
  default     = 400
}

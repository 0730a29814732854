"""Every long-lived credential of an account: how dangerous it is, and what to use instead."""

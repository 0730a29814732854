"""Vault's (and OpenBao's) AWS secrets engine: what it issued, and how to take that back."""

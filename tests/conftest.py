"""Tests do not measure time: a slow machine makes no test fail."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

settings.register_profile(
    "unleak", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("unleak")

# A shell starts its background jobs with SIGINT ignored, and their children inherit that: the tests
# that press Ctrl-C would wait for ever on programs that cannot hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

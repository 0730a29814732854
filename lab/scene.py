"""One stage for one scenario: names of its own on a shared cloud, a shell, plain statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lab.cloud import wait_until_after
from lab.contract import check_response
from lab.verdict import Ruling

if TYPE_CHECKING:
    from lab.cloud import Cloud
    from lab.command_line import CommandLine, Finished
    from lab.wire import Keys

REVOKE_POLICY = "AWSRevokeOlderSessions"
"""The policy name of the AWS console's own button, which unleak shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A cloud, a shell in front of it, and a tag that keeps names apart."""

    cloud: Cloud
    shell: CommandLine
    tag: str

    def name(self, word: str) -> str:
        """Return a name that no other scenario uses."""
        return f"{word}-{self.tag}"

    def revoke(self, *arguments: str, stdin: str = "") -> Finished:
        """Run `unleak revoke ... --yes --json` and check the shape of what it says.

        Raises:
            AssertionError: it did not come as far as an incident, or its document lacks a key.
        """
        done = self.shell.run("revoke", *arguments, "--yes", "--json", stdin=stdin)
        if done.code not in {0, 3, 4, 5} and '"incident"' not in done.stdout:
            raise AssertionError(str(done))
        check_response(done.document)
        return done

    def expect(self, done: Finished, *, code: int, status: str) -> None:
        """Assert the exit code and the word for the whole incident, showing all that was said."""
        if (done.code, done.document.text("status")) != (code, status):
            message = f"wanted exit {code} and {status!r}\n{done}"
            raise AssertionError(message)

    def role(self, word: str = "app", *, trust: str | None = None) -> str:
        """Create a role that may do everything and return its name."""
        name = self.name(word)
        self.cloud.make_role(name, trust=trust)
        return name

    def user(self, word: str = "bob") -> tuple[str, Keys]:
        """Create a user who may do everything; returns the name and a key."""
        name = self.name(word)
        return name, self.cloud.make_user(name)

    def wait_for_next_second(self) -> None:
        """Let what was made so far be older than what comes: clouds tell times in whole seconds.

        Whatever is made in the very second of a leak or of a cut is a suspect.  Two seconds, since
        a cloud may round up what another part of it cuts off.
        """
        wait_until_after(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2))

    def policy(self, holder: str, name: str = REVOKE_POLICY) -> str:
        """Return an inline policy byte for byte; `holder` is `role/NAME` or `user/NAME`."""
        return self.cloud.admin.policy_text(holder, name)

    def policies(self, holder: str) -> set[str]:
        """Return the names of the inline policies of a role or user."""
        return set(self.cloud.admin.policy_names(holder))

    def put_policy(self, holder: str, name: str, document: str) -> None:
        """Write an inline policy, as somebody else might have."""
        kind, holder_name = holder.split("/", 1)
        self.cloud.admin.call(
            "iam",
            f"put_{kind}_policy",
            PolicyName=name,
            PolicyDocument=document,
            **{f"{kind.capitalize()}Name": holder_name},
        )

    def assert_served(self, keys: Keys) -> None:
        """Assert that every service of the cloud serves a credential."""
        self._assert_all(keys, {Ruling.ALLOWED})

    def assert_refused(self, keys: Keys) -> None:
        """Assert that every service refuses it, by a deny or because it is dead."""
        self._assert_all(keys, {Ruling.DENIED, Ruling.DEAD})

    def assert_dead(self, keys: Keys) -> None:
        """Assert that every service calls the key itself invalid."""
        self._assert_all(keys, {Ruling.DEAD})

    def assert_new_session_served(self, role: str, done: Finished) -> None:
        """Assert that a session minted after the cut-off of a revocation is served."""
        wait_until_after(done.cutoff)
        self.assert_served(self.cloud.assume(role, "after"))

    def status_of_key(self, user: str, keys: Keys) -> str:
        """Return `Active` or `Inactive`."""
        rows = self.cloud.admin.call("iam", "list_access_keys", UserName=user)
        states = {
            row.text("AccessKeyId"): row.text("Status") for row in rows.rows("AccessKeyMetadata")
        }
        return states[keys.access_key_id]

    def _assert_all(self, keys: Keys, wanted: set[Ruling]) -> None:
        verdicts = {service: self.cloud.probe(keys, service) for service in self.cloud.services}
        wrong = {name: one for name, one in verdicts.items() if one.ruling not in wanted}
        if wrong:
            message = f"wanted {sorted(wanted)}, got {wrong} (all: {verdicts})"
            raise AssertionError(message)

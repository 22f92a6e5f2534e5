"""Which system account a private server runs as: one's own, or, for root, an account with fewer rights.

PostgreSQL refuses to run as root. Where root's checkout lies in a folder that the other account can't enter (`/root`), the
server alone gets the right to pass through folders, so that the data stays under DATA_DIR and nobody's permissions change.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workers.accidents import CannotStart

_PASSAGES = ("", "+dac_read_search", "+dac_override")  # nothing more, then what passes through closed folders


@dataclass(frozen=True, slots=True)
class Account:
    """An account that root lends to a server."""

    uid: int
    gid: int
    name: str

    def own(self, *paths: Path) -> None:
        """Make these files and folders the account's."""
        for path in paths:
            os.chown(path, self.uid, self.gid)

    def prefix(self, needs: Path) -> list[str]:
        """The arguments of `setpriv` that start a program as this account, able to reach `needs`."""
        become = ["--reuid", str(self.uid), "--regid", str(self.gid), "--clear-groups"]
        for passage in _PASSAGES:
            arguments = [*become, "--inh-caps", passage, "--ambient-caps", passage] if passage else become
            trial = subprocess.run(
                ["setpriv", *arguments, "stat", f"{needs}/."], capture_output=True, check=False
            )
            if trial.returncode == 0:
                return arguments
        raise CannotStart(
            f"The account {self.name} can't reach {needs}: put DATA_DIR where it can, such as /srv."
        )


def account_for(folder: Path, *preferred: str) -> Account | None:
    """None where a server runs as the user who starts it; for root, the owner of `folder` or the first preferred account."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return _account(pwd.getpwuid(owner))
    for name in preferred:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise CannotStart(f"As root the database needs the account {preferred[0]}, which comes with its package.")


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)

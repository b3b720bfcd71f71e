"""The roles that a server of ours gets, and their passwords."""

import secrets
from dataclasses import dataclass, field

from migcheck.postgres.scram import cheap_verifier


@dataclass(frozen=True, slots=True)
class Login:
    """A role and its password: random, and worth nothing once the run is over.

    `kept` is what the server is given to keep of it; without, that is the password itself.
    """

    role: str
    password: str = field(repr=False)
    kept: str = field(default="", repr=False)

    @property
    def given(self) -> str:
        """What stands behind PASSWORD where the role is made."""
        return self.kept or self.password


def new_logins() -> tuple[Login, Login]:
    """The administrator and the owner of a server of ours."""
    return new_login("migcheck_admin"), new_login("migcheck_owner")


def new_login(role: str, *, plain: bool = False) -> Login:
    """The login of a role that is to be made; `plain` where its server takes no verifier in place of a password."""
    password = secrets.token_hex(16)
    return Login(role, password, "" if plain else cheap_verifier(password))

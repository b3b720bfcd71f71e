"""The roles that a server of ours gets, and their passwords."""

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """A role and its password: random, and worth nothing once the run is over."""

    role: str
    password: str = field(repr=False)


def new_logins() -> tuple[Login, Login]:
    """The administrator and the owner of a server of ours."""
    return Login("migcheck_admin", secrets.token_hex(16)), Login("migcheck_owner", secrets.token_hex(16))

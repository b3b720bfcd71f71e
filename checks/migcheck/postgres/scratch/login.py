"""The roles that a server of ours gets, and their passwords."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field


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


def cheap_verifier(password: str) -> str:
    """What a server keeps of `password` for SCRAM-SHA-256, to be given to it instead (RFC 5803; since PostgreSQL 10).

    Of one iteration, and so for random passwords alone: the 4,096 that a server would take, against guessing what
    people choose, are half of the time of a connection.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations := 1)
    client, server = (hmac.digest(salted, f"{side} Key".encode(), "sha256") for side in ("Client", "Server"))
    told, stored, own = (base64.b64encode(each).decode() for each in (salt, hashlib.sha256(client).digest(), server))
    return f"SCRAM-SHA-256${iterations}:{told}${stored}:{own}"

"""What may not lie about in clear is sealed here: tokens, verifiers, codes. The first key seals, all of them open."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without the signs that people take for one another."""
CODE_LENGTH = 8


class VaultError(Exception):
    """Sealed with a key that is not there any more, or not by us."""


class Vault:
    def __init__(self, keys: Sequence[str]) -> None:
        self._box = MultiFernet([Fernet(key) for key in keys])

    def seal(self, words: Mapping[str, str]) -> str:
        return self._box.encrypt(json.dumps(dict(words)).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """:raises VaultError: when it can't be opened."""
        try:
            found = json.loads(self._box.decrypt(sealed.encode()))
        except (InvalidToken, ValueError) as error:
            raise VaultError("sealed with a key that is not in BACKTRACE_TOKEN_KEYS") from error
        return {str(name): str(value) for name, value in found.items()}

    def seal_anew(self, sealed: str) -> str:
        """The same, sealed with the first key; as it is, where it can't be opened."""
        try:
            return self._box.rotate(sealed.encode()).decode()
        except InvalidToken:
            return sealed


def new_key() -> str:
    """One more key for ``BACKTRACE_TOKEN_KEYS``."""
    return Fernet.generate_key().decode()


def new_secret() -> str:
    """256 bits for an address, a state, a cookie; fits a PKCE verifier too (RFC 7636, 4.1: 43 to 128 characters)."""
    return secrets.token_hex(32)


def new_code() -> str:
    """What a person reads in Slack and types into the page."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{drawn[:4]}-{drawn[4:]}"


def is_code(given: str, code: str) -> bool:
    """Whether somebody typed that code; dashes, blanks and case don't matter."""
    return secrets.compare_digest(_bare(given).encode(), _bare(code).encode())


def is_same(given: str, digest_kept: str) -> bool:
    return secrets.compare_digest(digest(given), digest_kept)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _bare(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())

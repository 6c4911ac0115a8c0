"""What is sealed is opened by its own keys alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.linking.vault import Vault, VaultError, is_code, new_code, new_key, new_secret

OLD, NEW = new_key(), new_key()


@given(st.dictionaries(st.text(), st.text()))
def test_it_comes_back_as_it_was(words: dict[str, str]) -> None:
    """Whatever the words are."""
    vault = Vault((OLD,))
    assert vault.open(vault.seal(words)) == words


def test_another_key_opens_nothing() -> None:
    """Nor does a text that was changed."""
    sealed = Vault((OLD,)).seal({"access": "x"})

    for vault, text in ((Vault((NEW,)), sealed), (Vault((OLD,)), sealed[:-5] + "AAAA="), (Vault((OLD,)), "")):
        with pytest.raises(VaultError):
            vault.open(text)


def test_keys_rotate() -> None:
    """The first seals, all open; sealed anew, the old one is of no use."""
    sealed = Vault((OLD,)).seal({"access": "x"})
    both = Vault((NEW, OLD))

    assert both.open(sealed) == {"access": "x"}
    assert Vault((NEW,)).open(both.seal_anew(sealed)) == {"access": "x"}
    assert both.seal_anew("rubbish") == "rubbish"


@pytest.mark.parametrize("typed", ["abcd-2345", "ABCD2345", " abcd 2345 "])
def test_a_code_may_be_typed_carelessly(typed: str) -> None:
    """Case, blanks and the dash don't matter."""
    assert is_code(typed, "ABCD-2345")


@pytest.mark.parametrize("typed", ["", "ABCD-234", "ABCD-23456", "ABCD-2346", "ÀBCD-2345", "\x00"])
def test_another_code_is_none(typed: str) -> None:
    """Nor is a part of it."""
    assert not is_code(typed, "ABCD-2345")


def test_secrets_are_long_and_never_the_same() -> None:
    """256 bits, and 40 for what a person types; PKCE wants 43 characters at least."""
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) == 64
    assert len({new_code() for _ in range(100)}) == 100

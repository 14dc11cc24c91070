"""Who is asking: the principal of the running script or of a request, looked up anew each time.

Nothing that a client can send is believed: what is read here the gate in front of the application has put there, and
it drops whatever comes in under the same name.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Final

import streamlit as st
from starlette.requests import HTTPConnection

from dashboard.text import t
from etl.access import LOCAL, PUBLIC, Principal
from etl.accounts import Accounts
from etl.settings import Settings

PRINCIPAL: Final = "tiendoso.principal"  # in the ASGI scope
REMOTE_USER: Final = "tiendoso.remote_user"  # in the ASGI scope: the name that a listed proxy tells
HEADER: Final = "x-tiendoso-session"  # the key of the session, in the request as Streamlit sees it
PUBLIC_KEY: Final = "public"  # in the place of a session's; no session has such a key
OURS: Final = b"x-tiendoso-"  # what a client sends under such a name is dropped

SIGN_IN: Final = "/dang-nhap"
SIGN_OUT: Final = "/dang-xuat"
PASSWORD: Final = "/mat-khau"
TO_PROVIDER: Final = "/dang-nhap/di"  # to where people sign in, if not here
FROM_PROVIDER: Final = "/dang-nhap/ve"  # and back from there


def principal() -> Principal:
    """Who is looking at the page that runs now; a session that is over ends the run with a calm sentence."""
    settings = Settings()
    if settings.sign_in == "off":
        return LOCAL
    found = principal_of(settings, accounts_of(settings), _session())
    if found is None:
        st.html(f'<p>{t("visitor.over")} <a href="{SIGN_IN}" target="_self">{t("sign_in")}</a></p>')
        st.stop()
    return found


def principal_of(settings: Settings, accounts: Accounts, key: str, *, is_active: bool = False) -> Principal | None:
    """Whose session a key is now; None if it is nobody's."""
    if key == PUBLIC_KEY:
        return PUBLIC if settings.public_indicators else None
    return accounts.principal(key, is_active=is_active)


def of_request(request: HTTPConnection) -> Principal:
    """Who sends a request to a route of ours; KeyError if no gate stands in front of the application."""
    found = request.scope[PRINCIPAL]
    assert isinstance(found, Principal)
    return found


def has_password() -> bool:
    """Whether people of this installation have a password here that they can change."""
    return Settings().sign_in == "accounts"


def address() -> str:
    """Where who is looking comes from; '' for this machine and outside a run."""
    return st.context.ip_address or ""


def sign_out_link() -> str:
    """The address that ends the session of who is looking; it works for that session alone."""
    return f"{SIGN_OUT}?ma={sign_out_word(_session())}"


def sign_out_word(session_key: str) -> str:
    """What a link to sign out carries, so that no other site can sign people out."""
    return sha256(f"dang-xuat {session_key}".encode()).hexdigest()[:32]


@lru_cache(maxsize=4)
def accounts_of(settings: Settings) -> Accounts:
    """The accounts of this installation, opened once per process."""
    return Accounts(settings)


def _session() -> str:
    return st.context.headers.get(HEADER, "")

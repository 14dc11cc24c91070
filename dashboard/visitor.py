"""Who is asking: the principal of the running script or of a request, looked up anew each time.

Nothing that a client can send is believed: what is read here the gate in front of the application has put there.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection

from etl import access
from etl.access import Principal

PRINCIPAL: Final = "tiendoso.principal"  # in the ASGI scope


def principal() -> Principal:
    """Who is looking at the page that runs now; a session that is over ends the run with a calm sentence."""
    return access.LOCAL


def of_request(request: HTTPConnection) -> Principal:
    """Who sends a request to a route of ours."""
    found = request.scope.get(PRINCIPAL, access.LOCAL)
    assert isinstance(found, Principal)
    return found

"""Connects with Authlib as its documentation shows: `authlib_shim.py connect`.

The page is opened by Python's own `webbrowser`. What is raised is printed on stderr as
`Class: text`.
"""

import os
import sys
import webbrowser

import oauth_callback
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session


def main():
    settings = os.environ
    client = OAuth2Session(
        settings["OAUTH_CLIENT_ID"],
        settings["OAUTH_CLIENT_SECRET"],
        redirect_uri=settings["OAUTH_REDIRECT_URL"],
        code_challenge_method="S256",
    )
    code_verifier = generate_token(48)
    url, state = client.create_authorization_url(
        settings["OAUTH_AUTHORIZE_URL"], code_verifier=code_verifier
    )
    returned = oauth_callback.wait(
        settings["OAUTH_REDIRECT_URL"],
        float(settings["OAUTH_PATIENCE"]),
        lambda: webbrowser.open(url),
    )
    client.fetch_token(
        settings["OAUTH_TOKEN_URL"],
        authorization_response=returned,
        state=state,
        code_verifier=code_verifier,
    )
    answer = client.get(settings["OAUTH_RESOURCE_URL"], timeout=30)
    answer.raise_for_status()
    print("connected")


if __name__ == "__main__":
    if sys.argv[1:] != ["connect"]:
        sys.exit(89)  # not implemented
    try:
        main()
    except Exception as error:  # whatever the library raises is what its user sees
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)

"""Connects with requests-oauthlib as its documentation shows: `requests_oauthlib_shim.py connect`.

The documentation has the person paste the URL that they end at; here it is received. What is raised
is printed on stderr as `Class: text`.
"""

import os
import sys

import oauth_callback
from requests_oauthlib import OAuth2Session


def main():
    settings = os.environ
    session = OAuth2Session(
        settings["OAUTH_CLIENT_ID"], redirect_uri=settings["OAUTH_REDIRECT_URL"]
    )
    url, _state = session.authorization_url(settings["OAUTH_AUTHORIZE_URL"])
    returned = oauth_callback.wait(
        settings["OAUTH_REDIRECT_URL"],
        float(settings["OAUTH_PATIENCE"]),
        lambda: print(f"Please go to {url} and authorize access.", flush=True),
    )
    session.fetch_token(
        settings["OAUTH_TOKEN_URL"],
        authorization_response=returned,
        client_secret=settings["OAUTH_CLIENT_SECRET"],
    )
    answer = session.get(settings["OAUTH_RESOURCE_URL"], timeout=30)
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

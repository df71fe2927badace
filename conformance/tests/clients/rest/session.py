"""What the scripts in this folder share: the address, the login, and how they tell what came back."""

import json
import os

INSTANCE = os.environ["INSTANCE"]
LOGIN = (os.environ["USERNAME"], os.environ["PASSWORD"])
FOLDER = os.environ["FOLDER"]
HOST = os.environ["HOST"]
PROXY = os.environ["PROXY"]
told = {}


def tell(name, value):
    """Keeps what came back under a name; telling a name twice is a mistake of the script."""
    assert name not in told, name
    told[name] = value


def failing(action, *arguments):
    """The name of what it raises; `None` where it does not."""
    try:
        action(*arguments)
    except Exception as error:  # whichever the client chooses is what is asked
        return type(error).__name__
    return None


def end():
    print(json.dumps(told))

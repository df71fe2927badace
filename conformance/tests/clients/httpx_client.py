"""The words of Python httpx. Input, output and arguments as for curl.sh."""

import os
import ssl
import sys

import httpx

trust = ssl.create_default_context(cafile=sys.argv[1])
credentials = (os.environ["SYNC_USER"], os.environ["SYNC_PASSWORD"])
versions = f"httpx {httpx.__version__}, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}"
print("stack", versions, sep="\t", flush=True)
for line in sys.stdin:
    name, url, proxy, seconds = line.rstrip("\n").split("\t")
    words = ""
    try:
        with httpx.Client(
            auth=credentials,
            verify=trust,
            proxy=None if proxy == "-" else proxy,
            timeout=float(seconds),
            follow_redirects=True,
        ) as client:
            client.get(url).raise_for_status().json()
    except Exception as error:
        words = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    print(name, " ".join(words.split()), sep="\t", flush=True)

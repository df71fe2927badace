"""The words of Python requests. Input, output and arguments as for curl.sh."""

import os
import ssl
import sys

import requests

ca_file = sys.argv[1]
credentials = (os.environ["SYNC_USER"], os.environ["SYNC_PASSWORD"])
versions = f"requests {requests.__version__}, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}"
print("stack", versions, sep="\t", flush=True)
for line in sys.stdin:
    name, url, proxy, seconds = line.rstrip("\n").split("\t")
    proxies = None if proxy == "-" else {"https": proxy}
    words = ""
    try:
        answer = requests.get(
            url, auth=credentials, verify=ca_file, proxies=proxies, timeout=float(seconds)
        )
        answer.raise_for_status()
        answer.json()
    except Exception as error:
        words = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    print(name, " ".join(words.split()), sep="\t", flush=True)

"""The words of Python urllib3. Input, output and arguments as for curl.sh."""

import os
import ssl
import sys

import urllib3

credentials = f"{os.environ['SYNC_USER']}:{os.environ['SYNC_PASSWORD']}"
options = {
    "ca_certs": sys.argv[1],
    "headers": urllib3.make_headers(basic_auth=credentials),
    # It would try everything four times.
    "retries": urllib3.Retry(0, redirect=10),
}
versions = f"urllib3 {urllib3.__version__}, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}"
print("stack", versions, sep="\t", flush=True)
for line in sys.stdin:
    name, url, proxy, seconds = line.rstrip("\n").split("\t")
    words = ""
    try:
        options["timeout"] = float(seconds)
        pool = urllib3.PoolManager(**options) if proxy == "-" else urllib3.ProxyManager(proxy, **options)
        with pool:
            answer = pool.request("GET", url)
            if answer.status >= 400:
                raise urllib3.exceptions.HTTPError(f"{answer.status} {answer.reason}")
            answer.json()
    except Exception as error:
        words = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    print(name, " ".join(words.split()), sep="\t", flush=True)

"""The words of Python aiohttp. Input, output and arguments as for curl.sh."""

import asyncio
import os
import ssl
import sys

import aiohttp

trust = ssl.create_default_context(cafile=sys.argv[1])
credentials = aiohttp.BasicAuth(os.environ["SYNC_USER"], os.environ["SYNC_PASSWORD"])


async def ask(url, proxy, seconds):
    # What it has for a call as a whole tells nothing of where the time went.
    timeout = aiohttp.ClientTimeout(sock_connect=float(seconds), sock_read=float(seconds))
    connector = aiohttp.TCPConnector(ssl=trust)
    async with aiohttp.ClientSession(auth=credentials, timeout=timeout, connector=connector) as client:
        async with client.get(url, proxy=None if proxy == "-" else proxy) as answer:
            answer.raise_for_status()
            await answer.json()


versions = f"aiohttp {aiohttp.__version__}, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}"
print("stack", versions, sep="\t", flush=True)
for line in sys.stdin:
    name, url, proxy, seconds = line.rstrip("\n").split("\t")
    words = ""
    try:
        asyncio.run(ask(url, proxy, seconds))
    except Exception as error:
        words = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    print(name, " ".join(words.split()), sep="\t", flush=True)

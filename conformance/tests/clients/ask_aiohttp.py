"""Arguments and output as for ask_curl.sh. None of its own timeouts ends the wait for a 100."""

import asyncio
import os
import ssl
import sys

import aiohttp

trust = ssl.create_default_context(cafile=sys.argv[1])
credentials = aiohttp.BasicAuth(os.environ["SYNC_USER"], os.environ["SYNC_PASSWORD"])


async def ask():
    async with aiohttp.ClientSession(auth=credentials, connector=aiohttp.TCPConnector(ssl=trust)) as client:
        async with client.post(sys.argv[2], json={"name": "one"}, expect100=True) as answer:
            return answer.status


try:
    print(asyncio.run(asyncio.wait_for(ask(), float(sys.argv[3]))))
except asyncio.TimeoutError:
    print("gave up")

"""Reads a table as a recipe says: the retries are the expression that `explain` shows."""

import os
import sys

import urllib3
from urllib3.util import Retry

PAGE = 100

retries = eval(sys.argv[1], {"Retry": Retry})
setting = lambda name: os.environ["SNOWPROOF_" + name]
http = urllib3.PoolManager(ca_certs=setting("CA_FILE"), timeout=30)
headers = urllib3.make_headers(basic_auth=setting("USER") + ":" + setting("PASSWORD"))
offset = 0
while True:
    answer = http.request(
        "GET",
        setting("BASE_URL") + "/api/now/table/cmdb_ci_server",
        headers=headers,
        retries=retries,
        redirect=False,
        fields={"sysparm_query": "ORDERBYsys_id", "sysparm_limit": PAGE, "sysparm_offset": offset},
    )
    if answer.status != 200:
        sys.exit(f"HTTP {answer.status}")
    if not answer.json()["result"]:
        break
    offset += PAGE

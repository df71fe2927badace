"""servicenow-api-client's methods; it knows an instance by its name, so a proxy brings it here."""

import os

from servicenow_api_client.service_now_client import ServiceNowClient
from session import HOST, LOGIN, PROXY, end, failing, tell

os.environ["HTTPS_PROXY"] = PROXY
client = ServiceNowClient(HOST.removesuffix(".service-now.com"), *LOGIN)
made = client.create("incident", {"short_description": "made", "impact": "1"}, False)["result"]
tell("created", [made["short_description"], made["impact"], made["number"][:3]])
mine = ["number", "is", made["number"]]
tell("searched", client.search("incident", mine, False, "short_description,impact"))
many = client.search("cmdb_ci_server", [["name", "starts with", "srv-0024"], ["name", "is not", "srv-00240"]], False, "name")
tell("searched by two", sorted(row["name"] for row in many))
tell("updated", list(client.update("incident", mine, {"short_description": "changed"}, False).values()))
tell("its state", list(client.change_state("incident", mine, "resolved", False).values()))
tell("after that", client.search("incident", mine, False, "short_description,state,close_notes"))
tell("deleted", list(client.delete("incident", mine, False).values()))
tell("none", failing(client.search, "incident", mine, False))
tell("no such table", failing(client.search, "nothing", mine, False))
stranger = ServiceNowClient(HOST.removesuffix(".service-now.com"), "nobody", "wrong")
tell("a wrong password", failing(stranger.search, "incident", mine, False))
end()

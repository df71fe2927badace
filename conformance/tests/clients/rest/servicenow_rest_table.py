"""servicenow-rest's methods; it knows an instance by its name, so a proxy brings it here."""

import os

from servicenow_rest.api import Client
from session import HOST, LOGIN, PROXY, end, failing, tell

os.environ["HTTPS_PROXY"] = PROXY
NAME = HOST.removesuffix(".service-now.com")


def table(name, login=LOGIN):
    client = Client(NAME, *login)
    client.table = name
    return client


servers = table("cmdb_ci_server")
tell("all", len(servers.get({}, ["sys_id"])))
tell("by a dictionary", servers.get({"name": "srv-00042"}, ["name", "sys_class_name"]))
tell("by a string", [row["name"] for row in servers.get("nameSTARTSWITHsrv-0024^ORDERBYname", ["name"])][:3])
incidents = table("incident")
made = incidents.insert({"short_description": "made"})
tell("inserted", [incidents.return_code, made["short_description"]])
changed = incidents.update({"short_description": "changed"}, made["sys_id"])
tell("updated", [incidents.return_code, changed["short_description"]])
tell("deleted", incidents.delete(made["sys_id"]))
tell("deleted again", failing(incidents.delete, made["sys_id"]))
tell("none", incidents.get({"number": "nothing"}))
tell("attachments", [row["file_name"] for row in table("attachment").get({"table_name": "incident"})])
tell("no such table", failing(table("nothing").get, {}))
tell("a wrong password", failing(table("incident", ("nobody", "wrong")).get, {}))
end()

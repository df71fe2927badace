"""servicenowpy's methods; it reads on by the addresses in the header `Link`."""

import servicenowpy
from session import INSTANCE, LOGIN, end, failing, tell

client = servicenowpy.Client(INSTANCE, *LOGIN)
servers = client.table("cmdb_ci_server")
incidents = client.table("incident")
rows = servers.get(sysparm_fields="sys_id,name", sysparm_limit=60, sysparm_query="ORDERBYname")
tell("by links", [len(rows), len({row["sys_id"] for row in rows}), rows[0]["name"], rows[-1]["name"]])
rows = servers.get(api_version="v2", sysparm_limit=3, sysparm_query="nameSTARTSWITHsrv-0024^ORDERBYname", sysparm_fields="name")
tell("by links, a query", [row["name"] for row in rows])
tell("a record", servers.get_record(servers.get(sysparm_query="name=srv-00042")[0]["sys_id"], sysparm_fields="name"))
found = incidents.get_record_by_number("INC0000001", sysparm_display_value="true", sysparm_fields="number,state")
tell("by number", found)
made = incidents.post({"short_description": "made"})
tell("posted", [made["short_description"], made["number"][:3]])
sys_id = made["sys_id"]
tell("patched", incidents.patch(sys_id, {"short_description": "patched"})["short_description"])
tell("put", incidents.put(sys_id, {"short_description": "put"})["short_description"])
incidents.delete(sys_id)
tell("deleted", failing(incidents.get_record, sys_id))
tell("no such table", failing(client.table("nothing").get))
tell("a wrong password", failing(servicenowpy.Client(INSTANCE, "nobody", "wrong").table("incident").get))
end()

"""mcp-server-servicenow: its connection check, and its tools over stdio."""

import asyncio
import os
import subprocess

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from session import INSTANCE, LOGIN, end, tell

SETTINGS = {
    **os.environ,
    "SERVICENOW_INSTANCE_URL": INSTANCE,
    "SERVICENOW_AUTH_TYPE": "basic",
    "SERVICENOW_USERNAME": LOGIN[0],
    "SERVICENOW_PASSWORD": LOGIN[1],
}
PROGRAM = os.path.join(os.environ["BIN"], "mcp-server-servicenow")

check = subprocess.run([PROGRAM, "--check"], env=SETTINGS, capture_output=True, text=True)
told = [line.split()[:2] for line in check.stdout.splitlines() if line.strip()]
tell("the check", [check.returncode, told])


async def main():
    transport = StdioTransport(PROGRAM, [], env=SETTINGS)
    async with Client(transport) as client:
        names = {tool.name for tool in await client.list_tools()}
        tell("its tools", sorted(names))

        async def asked(tool, **arguments):
            answer = await client.call_tool(tool, arguments, raise_on_error=False)
            return answer.structured_content or [part.text for part in answer.content]

        servers = await asked(
            "list_ci",
            class_name="cmdb_ci_server",
            query="nameSTARTSWITHsrv-0024^ORDERBYname",
            fields="sys_id,name",
            limit=3,
        )
        tell("servers", [servers["count"], [row["name"] for row in servers["records"]]])
        first = servers["records"][0]
        one = await asked("get_ci", class_name="cmdb_ci_server", sys_id=first["sys_id"])
        tell("a server", [one["name"], one["sys_class_name"], one["sys_id"] == first["sys_id"]])
        page = await asked(
            "list_records", table_name="cmdb_ci_server", query="ORDERBYname", fields="name", limit=2, offset=248
        )
        tell("a last page", page["records"])
        asked_too_much = await asked(
            "list_records", table_name="incident", fields="number,no_such", limit=2, display_value="all"
        )
        tell("no such field", "no_such" in asked_too_much["warning"])
        got = await asked("list_records", table_name="incident", query="ORDERBYnumber", limit=1)
        record = await asked(
            "get_record", table_name="incident", sys_id=got["records"][0]["sys_id"], fields="number,state", display_value="all"
        )
        tell("a record", record)
        grouped = await asked(
            "aggregate_records", table_name="cmdb_ci_server", group_by="sys_class_name", max_fields="name"
        )
        tell("an aggregate", grouped)
        user = await asked("get_current_user")
        tell("the user", [user["user_name"], user["roles"]])
        schema = await asked("get_table_schema", table_name="problem")
        names = {field["name"] for field in schema["fields"]}
        tell("a schema", [schema["hierarchy"], "known_error" in names, "assigned_to" in names])
        relation = await asked("list_records", table_name="cmdb_rel_ci", fields="parent,child", limit=1)
        parent = relation["records"][0]["parent"]["value"]
        related = await asked("get_ci_relationships", sys_id=parent)
        tell("relationships", related["count"] > 0)
        properties = await asked("get_system_properties", query="nameLIKEglide", limit=5)
        tell("properties", properties["count"])
        made = await asked("create_record", table_name="incident", data={"short_description": "made"})
        tell("created", made["record"]["short_description"])
        changed = await asked(
            "update_record", table_name="incident", sys_id=made["sys_id"], data={"short_description": "changed"}
        )
        tell("updated", changed["record"]["short_description"])
        gone = await asked("delete_record", table_name="incident", sys_id=made["sys_id"])
        tell("deleted", gone["deleted"])
        item = await asked("create_ci", class_name="cmdb_ci_linux_server", data={"name": "made"})
        tell("a made item", str(item.get("record", item).get("name")) if isinstance(item, dict) else item)
        sets = await asked("list_update_sets", state="complete")
        tell("update sets", [row["name"] for row in sets["update_sets"]])
        changes = await asked("list_update_set_changes", update_set_sys_id=sets["update_sets"][0]["sys_id"])
        tell("what changed", [[row["type"], row["target_name"]] for row in changes["changes"]])
        own = await asked("create_update_set", name="made")
        current = await asked("set_current_update_set", sys_id=own["sys_id"])
        tell("the current update set", "changed to 'made'" in str(current))
        used = await asked("find_references", table_name="incident", field_name="urgency")
        tell("where urgency is used", [[group["source"], group["count"]] for group in used["groups"]])
        tell("what cannot be said", used["not_assessable"])
        refused = await asked("list_records", table_name="nothing")
        tell("no such table", "Invalid table nothing" in refused[0])


asyncio.run(main())
end()

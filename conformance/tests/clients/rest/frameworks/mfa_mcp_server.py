"""mfa-servicenow-mcp: its tools over stdio, those that read and those that write."""

import asyncio
import json
import os

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from session import FOLDER, INSTANCE, LOGIN, end, tell

SETTINGS = {
    **os.environ,
    "HOME": FOLDER,
    "SERVICENOW_INSTANCE_URL": INSTANCE,
    "SERVICENOW_AUTH_TYPE": "basic",
    "SERVICENOW_USERNAME": LOGIN[0],
    "SERVICENOW_PASSWORD": LOGIN[1],
    "MCP_TOOL_PACKAGE": "full",
}
PROGRAM = os.path.join(os.environ["BIN"], "servicenow-mcp")


async def main():
    server = StdioServerParameters(command=PROGRAM, args=[], env=SETTINGS, cwd=FOLDER)
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as client:
        await client.initialize()
        names = {tool.name for tool in (await client.list_tools()).tools}
        tell("its tools", sorted(names & {"sn_health", "sn_query", "sn_aggregate", "sn_schema", "sn_discover", "sn_write"}))

        async def asked(tool, **arguments):
            answer = await client.call_tool(tool, arguments)
            text = "".join(part.text for part in answer.content)
            try:
                return json.loads(text)
            except ValueError:
                return text

        health = await asked("sn_health")
        tell("health", health.get("ok", health.get("success", health.get("status"))))
        servers = await asked(
            "sn_query",
            table="cmdb_ci_server",
            query="nameSTARTSWITHsrv-0024",
            fields="name",
            orderby="name",
            limit=3,
            include_count=True,
        )
        tell("servers", [servers["total_count"], servers["results"]["data"]])
        grouped = await asked("sn_aggregate", table="cmdb_ci_server", group_by="sys_class_name")
        tell("an aggregate", grouped["result"])
        schema = await asked("sn_schema", table="problem")
        tell("a schema", [it for it in schema["fields"] if it["field"] in ("known_error", "duplicate_of")])
        tell("discovered", (await asked("sn_discover", keyword="incident"))["tables"])

        async def written(action, **arguments):
            return await asked("sn_write", table="incident", action=action, confirm="approve", **arguments)

        made = await written("create", fields={"short_description": "made", "impact": "1"})
        tell("created", [made["result"]["short_description"], made["result"]["impact"]])
        changed = await written("update", sys_id=made["sys_id"], fields={"short_description": "changed"})
        tell("updated", changed["result"]["short_description"])
        tell("deleted", (await written("delete", sys_id=made["sys_id"]))["success"])
        refused = await asked("sn_query", table="nothing")
        tell("no such table", [refused["error"], refused["message"]])


asyncio.run(main())
end()

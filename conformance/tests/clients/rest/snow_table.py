"""snow's documented uses: a schema, queries, a stream, writes."""

import asyncio

from session import INSTANCE, LOGIN, end, tell
from snow import Snow
from snow.model.schema import fields
from snow.models.table import TableSchema
from snow.schemas.table import IncidentSchema as Incident


class Server(TableSchema):
    class Meta:
        table_name = "cmdb_ci_server"

    sys_id = fields.String(is_primary=True)
    name = fields.String()


async def main():
    app = Snow(INSTANCE.removeprefix("https://"), basic_auth=LOGIN)
    async with app.get_table(Server) as servers:
        everything = await servers.get(limit=1000)
        tell("all", len(everything))
        tell("streamed", len([row async for row in servers.stream(limit=150, page_size=50)]))
        one = await servers.get_one(Server.name == "srv-00042")
        tell("one", one["name"])
    async with app.get_table(Incident) as incidents:
        high = await incidents.get(Incident.priority <= 3, limit=5)
        tell("high", [len(high), max(row["priority"].id for row in high) <= 3])
        made = await incidents.create(dict(short_description="made"))
        tell("created", made["short_description"])
        changed = await incidents.update(made["sys_id"], dict(short_description="changed"))
        tell("updated", changed["short_description"])
        tell("deleted", (await incidents.delete(made["sys_id"])).status)


asyncio.run(main())
end()

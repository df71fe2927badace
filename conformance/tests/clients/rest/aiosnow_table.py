"""aiosnow's documented uses: a schema, queries, pages, writes, attachments."""

import asyncio
from pathlib import Path

import aiosnow
from aiosnow.models import TableModel, fields
from session import FOLDER, INSTANCE, LOGIN, end, tell


class Server(TableModel):
    sys_id = fields.String(is_primary=True)
    name = fields.String()
    sys_mod_count = fields.Integer()
    sys_created_on = fields.DateTime()


class Incident(TableModel):
    sys_id = fields.String(is_primary=True)
    number = fields.String()
    short_description = fields.String()
    description = fields.String()
    state = fields.IntegerMap()
    impact = fields.IntegerMap()
    active = fields.Boolean()
    opened_at = fields.DateTime()
    opened_by = fields.String()


async def failing(action):
    try:
        await action
    except Exception as error:  # whichever the client chooses is what is asked
        return type(error).__name__
    return None


async def main():
    address = INSTANCE.removeprefix("https://")
    client = aiosnow.Client(address, basic_auth=LOGIN)
    async with Server(client, table_name="cmdb_ci_server") as servers:
        everything = await servers.get(limit=1000)
        tell("all", [everything.status, len(everything), len({row["sys_id"] for row in everything})])
        # It asks for a last page of no rows unless its limit is a number of whole pages.
        streamed = [row["name"] async for _, row in servers.stream(limit=150, page_size=50)]
        tell("streamed", len(streamed))
        query = aiosnow.select(Server.name.starts_with("srv-0002")).order_asc(Server.name)
        page = await servers.get(query, limit=3, offset=2)
        # What it sends as a limit counts from the first row, not from the offset.
        tell("a page in order", [row["name"] for row in page])
        either = Server.name.equals("srv-00003") | Server.name.equals("srv-00005")
        tell("either", sorted(row["name"] for row in await servers.get(either)))
        one = await servers.get_one(Server.name == "srv-00250")
        tell("one", [one["name"], one["sys_mod_count"], one["sys_created_on"].isoformat()])
        tell("too many", await failing(servers.get_one(Server.name.contains("srv"))))
        tell("none", await failing(servers.get_one(Server.name == "nobody")))
    async with Incident(client, table_name="incident") as incidents:
        made = await incidents.create({"short_description": "made", "impact": "2"})
        tell(
            "created",
            [made.status, made["short_description"], made["number"][:3], made["active"], made["impact"].value, len(made["opened_by"])],
        )
        changed = await incidents.update(made["sys_id"], {"description": "changed"})
        tell("updated by id", changed["description"])
        changed = await incidents.update(Incident.number == made["number"], {"description": "again"})
        tell("updated by a condition", changed["description"])
        path = Path(FOLDER) / "note.txt"
        path.write_text("attached")
        uploaded = await incidents.upload_file(made["sys_id"], str(path))
        tell("uploaded", [uploaded.status, uploaded["file_name"]])
        listed = await incidents.get_attachments()
        tell("attachments", [row["file_name"] for row in listed])
        deleted = await incidents.delete(made["sys_id"])
        tell("deleted", deleted.status)
        tell("gone", await failing(incidents.get_one(Incident.number == made["number"])))
    stranger = aiosnow.Client(address, basic_auth=("nobody", "wrong"))
    async with Server(stranger, table_name="cmdb_ci_server") as servers:
        tell("a wrong password", await failing(servers.get(limit=1)))


asyncio.run(main())
end()

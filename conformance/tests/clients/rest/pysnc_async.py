"""PySNC's asynchronous half: records, pages, attachments and batches of `pysnc.asyncio`."""

import asyncio

from pysnc.asyncio import AsyncServiceNowClient
from session import FOLDER, INSTANCE, LOGIN, end, tell

TEXT = "a sample\nof\nmany\nlines"


async def failing(action):
    """The name of what it raises; `None` where it does not."""
    try:
        await action
    except Exception as error:  # whichever the client chooses is what is asked
        return type(error).__name__
    return None


async def queries(client):
    servers = await client.GlideRecord("cmdb_ci_server", batch_size=60)
    servers.fields = "sys_id,name"
    servers.order_by("name")
    await servers.query()
    tell("rows", [servers.get_row_count(), len(servers)])
    names = [str(row.name) async for row in servers]
    tell("page by page", [len(names), len(set(names)), names[0], names[-1]])
    servers.rewind()
    tell("again", [await servers.next(), str(servers.name)])
    limited = await client.GlideRecord("cmdb_ci_server", batch_size=10)
    limited.limit = 25
    await limited.query()
    tell("limited to", len([True async for _ in limited]))
    spent = await client.GlideRecord("cmdb_ci_server", batch_size=40, rewindable=False)
    spent.limit = 90
    await spent.query()
    tell("spent while it is read", len([True async for _ in spent]))
    either = await client.GlideRecord("cmdb_ci_server")
    either.add_query("name", "srv-00003").add_or_condition("name", "srv-00009")
    either.order_by_desc("name")
    await either.query()
    tell("or, descending", [str(row.name) async for row in either])
    joined = await client.GlideRecord("sys_user")
    joined.add_join_query("sys_user_has_role", join_table_field="user").add_query("role.name", "admin")
    await joined.query()
    tell("a join", sorted([str(row.user_name) async for row in joined]))
    user = await client.GlideRecord("sys_user")
    tell("get by a column", [await user.get("user_name", "connector"), str(user.user_name)])
    tell("get by id", [await user.get(str(user.sys_id)), str(user.user_name)])
    tell("get nothing", await user.get("bunk"))
    long = await client.GlideRecord("sys_user")
    for _ in range(1200):
        long.add_query("AAAA", "BBBB")
    long.add_query("user_name", "connector")
    await long.query()
    # These go by the Batch API, where it writes the query as Python shows bytes: the instance is
    # asked for something else.
    tell("a query of 12,000 characters is lost", len(long) > 1)


async def shapes(client):
    some = await client.GlideRecord("problem")
    some.fields = "sys_id,number,state"
    some.limit = 4
    some.order_by("number")
    await some.query()
    rows = await some.serialize_all(display_value="both", fields=["number", "state"])
    tell("all serialized", rows)
    frame = await some.to_pandas()
    tell("a frame", [list(frame), frame["number"], frame["state__display"]])
    walked = await client.GlideRecord("incident")
    walked.fields = "number,caller_id.user_name"
    walked.order_by("number")
    walked.limit = 1
    await walked.query()
    await walked.next()
    tell("dot-walked", [str(walked.number), str(walked.get_value("caller_id.user_name"))])


async def writes(client):
    made = await client.GlideRecord("problem")
    made.initialize()
    made.short_description = "first"
    sys_id = str(await made.insert())
    tell("inserted", [len(sys_id), str(made.number)[:3], str(made.sys_created_by)])
    made.short_description = "second"
    tell("updated", [str(await made.update()) == sys_id, str(made.short_description), str(made.sys_mod_count)])
    again = await client.GlideRecord("problem")
    await again.get(sys_id)
    popped = again.pop_record()
    popped.short_description = "third"
    tell("popped", [str(await popped.update()) == sys_id, str(popped.short_description)])
    await attachments(client, again)
    tell("deleted", [await again.delete(), await (await client.GlideRecord("problem")).get(sys_id)])
    for index in range(5):
        one = await client.GlideRecord("problem")
        one.initialize()
        one.short_description = f"many {index}"
        await one.insert()
    many = await client.GlideRecord("problem")
    many.add_query("short_description", "STARTSWITH", "many")
    many.order_by("short_description")
    await many.query()
    async for row in many:
        row.short_description = f"{row.short_description} moved"
    tell("updated in a batch", await many.update_multiple())
    again = await client.GlideRecord("problem")
    tell("read again", [await again.get("short_description", "many 3 moved"), str(again.short_description)])
    tell("deleted in a batch", await many.delete_multiple())
    tell("none is left", await (await client.GlideRecord("problem")).get("short_description", "many 3 moved"))


async def attachments(client, record):
    url = await record.add_attachment("test.txt", TEXT.encode(), content_type="text/plain")
    tell("its address", url.startswith(INSTANCE + "/api/now/v1/attachment/"))
    seen = []
    async for attachment in await record.get_attachments():
        written = await attachment.write_to(FOLDER)
        seen.append(
            [
                str(attachment.file_name),
                str(attachment.content_type),
                (await attachment.read()).decode() == TEXT,
                (await attachment.as_temp_file()).read().decode() == TEXT,
                written.read_text() == TEXT,
                await attachment.readlines(),
            ]
        )
    tell("attachments", seen)
    found = await client.Attachment("problem")
    found.add_query("file_name", "test.txt")
    await found.query()
    tell("found", [len(found), await found.next(), await found.get(str(found.sys_id))])
    await found.delete()
    tell("none", len(await record.get_attachments()))


async def refusals(client):
    nothing = await client.GlideRecord("sys_user_list")
    tell("no such table", await failing(nothing.get("any")))
    stranger = AsyncServiceNowClient(INSTANCE, ("nobody", "wrong"))
    tell("a wrong password", await failing((await stranger.GlideRecord("sys_user")).get("any")))
    await stranger.close()


async def main():
    client = AsyncServiceNowClient(INSTANCE, LOGIN)
    for part in (queries, shapes, writes, refusals):
        await part(client)
    await client.close()


asyncio.run(main())
end()

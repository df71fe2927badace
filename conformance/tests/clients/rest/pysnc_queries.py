"""PySNC's queries: conditions, joins, related lists, orders, limits, pages and iteration."""

from pysnc import ServiceNowClient
from session import INSTANCE, LOGIN, end, failing, tell

client = ServiceNowClient(INSTANCE, LOGIN)


def found(table, *conditions, field="name"):
    record = client.GlideRecord(table)
    for condition in conditions:
        condition(record)
    record.query()
    assert len(record) == record.get_row_count()
    return [str(row.get_value(field)) for row in record]


servers = client.GlideRecord("cmdb_ci_server")
servers.fields = "sys_id"
servers.query()
tell("rows", servers.get_row_count())
tell("not a new record", [servers.next(), servers.is_new_record()])
tell("all of them, page by page", len({str(row.sys_id) for row in servers}))

paged = client.GlideRecord("cmdb_ci_server", batch_size=60)
paged.query()
tell("while next", sum(1 for _ in iter(paged.next, False)))
tell("then nothing", [paged.has_next(), paged.next()])
paged.rewind()
tell("after a rewind", [paged.has_next(), paged.next(), paged.location])

spent = client.GlideRecord("cmdb_ci_server", batch_size=40, rewindable=False)
spent.limit = 90
spent.query()
tell("spent while it is read", len([True for _ in spent]))

limited = client.GlideRecord("cmdb_ci_server", batch_size=10)
limited.limit = 25
limited.query()
tell("limited to", len(list(limited)))

SERVERS = "cmdb_ci_server"
tell("equal", found(SERVERS, lambda it: it.add_query("name", "srv-00007")))
tell(
    "or",
    found(
        SERVERS,
        lambda it: it.add_query("name", "srv-00003").add_or_condition("name", "srv-00009"),
        lambda it: it.order_by("name"),
    ),
)
tell("starts with", found(SERVERS, lambda it: it.add_query("name", "STARTSWITH", "srv-0012")))
tell("not", len(found(SERVERS, lambda it: it.add_query("name", "!=", "srv-00001"))))
tell(
    "in",
    found(SERVERS, lambda it: it.add_query("name", "IN", "srv-00001,srv-00250,srv-99999")),
)
tell(
    "above, descending",
    found(
        SERVERS,
        lambda it: it.add_query("name", ">", "srv-00247"),
        lambda it: it.order_by_desc("name"),
    ),
)
tell("null", len(found(SERVERS, lambda it: it.add_null_query("name"))))
tell("not null", len(found(SERVERS, lambda it: it.add_not_null_query("name"))))
tell("like", found(SERVERS, lambda it: it.add_query("name", "LIKE", "0024")))
tell(
    "encoded, and a condition",
    found(
        SERVERS,
        lambda it: it.add_encoded_query("nameSTARTSWITHsrv-0001"),
        lambda it: it.add_query("name", "ENDSWITH", "5"),
    ),
)
tell(
    "active incidents",
    len(found("incident", lambda it: it.add_active_query(), field="number")),
)
tell("dot-walked", len(found("incident", lambda it: it.add_query("caller_id.user_name", "employee"), field="number")))
tell("nothing", found(SERVERS, lambda it: it.add_query("sys_id", "bunk")))
tell("the tables", sorted(found("sys_db_object", lambda it: it.add_encoded_query("nameINincident,problem"))))
tell("the user", found("sys_user", lambda it: it.add_encoded_query("sys_id=javascript:gs.getUserID()"), field="user_name"))

# Joins and related lists.
group = client.GlideRecord("sys_user_group")
group.initialize()
group.name = "Joined"
group.manager = found("sys_user", lambda it: it.add_query("user_name", "agent.desk"), field="sys_id")[0]
group.active = "true"
group.insert()
joined = client.GlideRecord("sys_user")
managing = joined.add_join_query("sys_user_group", join_table_field="manager")
managing.add_query("name", "Joined")
tell("a join is written", joined.get_encoded_query())
joined.query()
tell("a join", [str(user.user_name) for user in joined])
holders = client.GlideRecord("sys_user")
holders.add_join_query("sys_user_has_role", join_table_field="user")
holders.query()
names = [str(user.user_name) for user in holders]
tell("who holds roles", [len(names) == len(set(names)), "connector" in names])
related = client.GlideRecord("sys_user")
holding = related.add_rl_query("sys_user_has_role", "user", ">0", True)
holding.add_query("role.name", "admin")
tell("a related list is written", related.get_encoded_query())
related.query()
tell("a related list", sorted(str(user.user_name) for user in related))
without = client.GlideRecord("sys_user")
without.add_encoded_query("RLQUERYsys_user_has_role.user,=0^ENDRLQUERY^user_nameSTARTSWITHemployee")
without.query()
tell("none in a related list", sorted(str(user.user_name) for user in without))

# One record.
user = client.GlideRecord("sys_user")
tell("get by a column", [user.get("user_name", "connector"), str(user.user_name)])
tell("get by id", [user.get(user.get_value("sys_id")), str(user.user_name)])
tell("get nothing", [user.get("bunk"), user.get("sys_id", "bunk")])
link = client.GlideRecord("incident")
link.query()
link.next()
tell("links", [link.get_link(no_stack=True).startswith(INSTANCE), len(link.get_unique_name())])

long = client.GlideRecord("sys_user")
for _ in range(2300):
    long.add_query("AAAA", "BBBB")
long.add_query("user_name", "connector")
tell("a query of 23,000 characters", failing(long.query) or len(long))
client.session.close()
end()

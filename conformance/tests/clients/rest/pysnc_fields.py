"""PySNC's fields: which, their display values, elements, dot-walking and serialisation."""

from pysnc import ServiceNowClient
from session import INSTANCE, LOGIN, end, failing, tell

client = ServiceNowClient(INSTANCE, LOGIN)

user = client.GlideRecord("sys_user")
user.fields = "sys_id,user_name,active"
user.get("user_name", "connector")
tell("fields", sorted(user.serialize()))
tell("boolean", [str(user.active), bool(user.active), str(user.get_display_value("active"))])
tell("contains", ["user_name" in user, "whatever" in user])
user.user_name = "other"
tell("changed", [user.changes(), user.get_element("user_name").changes(), user.serialize(changes_only=True)])

whole = client.GlideRecord("sys_user")
whole.get("user_name", "connector")
tell("more than ten fields", len(whole.fields) > 10)
tell("a password is masked", str(whole.get_display_value("user_password")))
tell("nil", [whole.get_element("sys_id").nil(), whole.get_element("asdf")])

first = client.GlideRecord("incident")
first.order_by("number")
first.limit = 1
first.query()
first.next()
NUMBER = first.get_value("number")
tell("the first incident", NUMBER)
walked = client.GlideRecord("incident")
walked.fields = "number,caller_id,caller_id.user_name,assignment_group,assignment_group.name,caller_id.company.name"
walked.get("number", NUMBER)
tell(
    "dot-walked",
    [
        str(walked.get_value("caller_id.user_name")),
        str(walked.caller_id.user_name),
        len(walked.get_value("caller_id")),
        str(walked.get_display_value("caller_id")),
        str(walked.assignment_group.name),
        walked.get_value("caller_id.company.name"),
    ],
)

dates = client.GlideRecord("cmdb_ci_server")
dates.fields = "name,sys_created_on"
dates.get("name", "srv-00001")
created = dates.get_element("sys_created_on")
tell("a date", [str(created), created.date_value().isoformat(), created.date_numeric_value() > 0])


def shown(display_value, exclude_reference_link=None):
    record = client.GlideRecord("incident")
    record.fields = "number,state,caller_id"
    record.display_value = display_value
    if exclude_reference_link is not None:
        record.exclude_reference_link = exclude_reference_link
    record.add_query("number", NUMBER)
    record.query()
    record.next()
    state = record.get_element("state")
    caller = record.get_element("caller_id")
    link = caller.get_link()
    return [
        str(state.get_value()),
        str(state.get_display_value()),
        str(caller.get_display_value()) if display_value else len(caller.get_value()),
        None if link is None else link.startswith(INSTANCE + "/api/now/") and "/sys_user/" in link,
    ]


tell("display values: all", shown("all"))
tell("display values: all, with links", shown("all", exclude_reference_link=False))
tell("display values: true", shown(True))
tell("display values: false", shown(False))

some = client.GlideRecord("problem")
some.fields = "sys_id,number,state"
some.limit = 4
some.order_by("number")
some.query()
tell("nothing before next", some.serialize())
some.next()
one = some.serialize()
tell("serialized", [list(one), one["number"], one["state"]])
tell("serialized, displayed", some.serialize(display_value=True)["state"])
tell("serialized, both", some.serialize(display_value="both")["state"])
tell("serialized, fields", some.serialize(fields=["number"]))
tell("serialized, pandas", sorted(some.serialize(fmt="pandas")))
tell("all serialized", [row["number"] for row in some.serialize_all()])
frame = some.to_pandas()
tell("a frame", [list(frame), frame["number"], frame["state__value"], frame["state__display"]])
tell("a frame of values", list(some.to_pandas(mode="value")))

batches = client.GlideRecord("problem")
batches.batch_size = 3
batches.limit = 10
batches.query()
tell("serialized over pages", len(batches.serialize_all()))

viewed = client.GlideRecord("incident")
viewed.view = "mobile"
viewed.limit = 1
viewed.query()
tell("a view", viewed.next())

unread = client.GlideRecord("sys_user")
unread.limit = 1
unread.query()
tell("not iterated", [failing(lambda: unread.sys_id), failing(unread.get_value, "sys_id")])
client.session.close()
end()

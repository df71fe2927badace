"""PySNC's writes: one record, many by a batch, a chosen id, popped records, what a rule aborts."""

from pysnc import ServiceNowClient
from session import INSTANCE, LOGIN, end, tell

client = ServiceNowClient(INSTANCE, LOGIN)


def matching(text, table="problem"):
    record = client.GlideRecord(table)
    record.add_query("short_description", "LIKE", text)
    record.order_by("short_description")
    record.query()
    return record


made = client.GlideRecord("problem")
made.initialize()
tell("new", [made.is_new_record(), "sys_id" in made])
made.short_description = "first"
made.description = "second field"
made.bunk_field = "no such column"
sys_id = made.insert()
tell(
    "inserted",
    [
        str(sys_id) == str(made.sys_id),
        str(made.number)[:3],
        str(made.short_description),
        len(made.opened_by),
        made.get_display_value("opened_by"),
        str(made.active),
        str(made.sys_created_by),
    ],
)

user = client.GlideRecord("sys_user")
user.get("user_name", "employee")
changed = client.GlideRecord("problem")
changed.get(sys_id)
changed.short_description = "second"
changed.assigned_to = user.sys_id
tell("updated", str(changed.update()) == str(sys_id))
tell(
    "in the answer",
    [
        str(changed.short_description),
        changed.get_display_value("assigned_to") == user.get_display_value("name"),
        str(changed.sys_mod_count),
        str(changed.sys_updated_by),
    ],
)
again = client.GlideRecord("problem")
again.get(sys_id)
tell("read again", [str(again.short_description), str(again.assigned_to) == str(user.sys_id)])
popped = again.pop_record()
popped.short_description = "third"
tell("popped", [str(popped.update()) == str(sys_id), str(popped.short_description)])
shown = client.GlideRecord("problem")
shown.get(sys_id)
shown.set_display_value("assigned_to", "nobody")
tell("deleted", [again.delete(), client.GlideRecord("problem").get(sys_id)])

chosen = client.GlideRecord("problem")
chosen.initialize()
chosen.set_new_guid_value("aaaabbbbccccddddeeeeffff00001111")
chosen.short_description = "with an id of its own"
tell("a chosen id", [str(chosen.insert()), client.GlideRecord("problem").get("aaaabbbbccccddddeeeeffff00001111")])
chosen.delete()

for index in range(10):
    one = client.GlideRecord("problem")
    one.initialize()
    one.short_description = f"many {index}"
    one.insert()
many = matching("many")
tell("many", len(many))
while many.next():
    many.short_description = many.short_description + " moved"
tell("updated in a batch", [many.update_multiple(), len(matching("moved"))])

halves, expected, handled = matching("moved"), [], []
for index, row in enumerate(halves):
    if index % 2 == 0:
        row.short_description = row.short_description + " even"
        expected.append(row.get_value("sys_id"))


def handle(response):
    handled.append((response.status_code, response.json()["result"]["sys_id"]["value"]))


halves.update_multiple(handle)
tell("only what changed, in order", [(200, sys_id) for sys_id in expected] == handled)

rule = client.GlideRecord("sys_script")
rule.initialize()
rule.name = "abort the forbidden"
rule.collection = "problem"
rule.active = True
rule.when = "before"
rule.order = 100
rule.action_insert = True
rule.action_update = True
rule.abort_action = True
rule.add_message = True
rule.message = "rejected"
rule.filter_condition = "short_descriptionLIKEFORBIDDEN^ORdescriptionLIKEFORBIDDEN^EQ"
tell("a business rule", rule.insert() is not None)
mixed = matching("many")
for index, row in enumerate(mixed):
    row.short_description = row.short_description + (" allowed" if index < 5 else " FORBIDDEN")
tell(
    "half is aborted",
    [mixed.update_multiple(), len(matching("allowed")), len(matching("FORBIDDEN"))],
)

tell("deleted in a batch", [matching("many").delete_multiple(), len(matching("many"))])
tell("nothing to delete", matching("many").delete_multiple())
client.session.close()
end()

"""What PySNC's own tests do with attachments, on one incident; prints `done` at the end."""

import os
import tempfile

from pysnc import ServiceNowClient

CONTENT = "this is a sample attachment\nwith\nmulti\nlines"
BINARY = bytes(range(256)) * 300

settings = os.environ
client = ServiceNowClient(
    settings["PYSNC_INSTANCE"], (settings["PYSNC_USER"], settings["PYSNC_PASSWORD"])
)
record = client.GlideRecord("incident")
record.initialize()
record.short_description = "with attachments"
record.insert()
assert len(record.get_attachments()) == 0

url = record.add_attachment("test.txt", CONTENT)
listed = record.get_attachments()
assert len(listed) == 1 and listed.next()
assert listed.get_link() == url, (listed.get_link(), url)
record.add_attachment("Übung \"2\".bin", BINARY, content_type="image/png")

listed = record.get_attachments()
assert len(listed) == 2
seen = {}
for attachment in listed:
    seen[str(attachment.file_name)] = attachment.read()
    if attachment.file_name == "test.txt":
        assert attachment.readlines()[0] == "this is a sample attachment"
        with tempfile.TemporaryDirectory() as folder:
            written = attachment.write_to(folder)
            assert written.read_bytes() == CONTENT.encode()
        assert attachment.as_temp_file().read() == CONTENT.encode()
assert seen == {"test.txt": CONTENT.encode(), "Übung \"2\".bin": BINARY}, seen.keys()

one = client.Attachment("incident")
one.add_query("file_name", "test.txt")
one.query()
assert one.next()
again = client.Attachment("incident")
assert again.get(str(one.sys_id))
assert again.read().decode() == CONTENT
one.delete()
assert not client.Attachment("incident").get(str(one.sys_id))
assert len(record.get_attachments()) == 1
record.delete()
client.session.close()
print("done")

"""PySNC's attachments: added, listed, read by each of its ways, found, deleted."""

from pathlib import Path

from pysnc import ServiceNowClient
from session import FOLDER, INSTANCE, LOGIN, end, tell

TEXT = "a sample\nof\nmany\nlines"
BYTES = bytes(range(256)) * 300
client = ServiceNowClient(INSTANCE, LOGIN)
record = client.GlideRecord("problem")
record.query()
record.next()
tell("none", len(record.get_attachments()))
url = record.add_attachment("test.txt", TEXT)
tell("its address", url.startswith(INSTANCE + "/api/now/v1/attachment/"))
record.add_attachment("test.bin", BYTES, content_type="image/png")
with open(Path(FOLDER) / "lines.csv", "w+b") as file:
    file.write(b"a,b\n1,2\n")
    file.seek(0)
    record.add_attachment("lines.csv", file, content_type="text/csv")
seen = {}
for attachment in record.get_attachments():
    name = str(attachment.file_name)
    content = attachment.read()
    seen[name] = [
        str(attachment.content_type),
        int(attachment.size_bytes),
        content in (TEXT.encode(), BYTES, b"a,b\n1,2\n"),
        attachment.as_temp_file().read() == content,
        attachment.write_to(FOLDER).read_bytes() == content,
        str(attachment.table_name),
        str(attachment.table_sys_id) == str(record.sys_id),
    ]
    if name == "test.txt":
        tell("lines", attachment.readlines())
tell("attachments", dict(sorted(seen.items())))
found = client.Attachment("problem")
found.add_query("file_name", "test.txt")
found.query()
tell("found", [len(found), found.next(), str(found.file_name), found.get_link() == url])
sys_id = str(found.sys_id)
tell("got", client.Attachment("problem").get(sys_id))
found.delete()
tell("deleted", [client.Attachment("problem").get(sys_id), len(record.get_attachments())])
client.session.close()
end()

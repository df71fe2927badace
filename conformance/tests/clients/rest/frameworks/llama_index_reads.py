"""The two readers of LlamaIndex: articles by PySNC, and tables by snowloader through a proxy."""

import os
from pathlib import Path

from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document
from llama_index.readers import snowloader as readers
from llama_index.readers.service_now import SnowKBReader
from llama_index.readers.service_now.event import FileType
from session import FOLDER, HOST, INSTANCE, LOGIN, PROXY, end, failing, tell
from snowloader import SnowConnection


class Verbatim(BaseReader):
    """The parser that it asks its user for: a file as it is."""

    def load_data(self, file_path):
        return [Document(text=Path(file_path).read_text())]


def knowledge(password=LOGIN[1]):
    return SnowKBReader(
        instance=INSTANCE,
        custom_parsers={FileType.HTML: Verbatim(), FileType.TEXT: Verbatim()},
        username=LOGIN[0],
        password=password,
        custom_folder=FOLDER + "/parsed",
    )


articles = knowledge().load_data(numbers=["KB0000001", "KB0000002"], status="published")
tell("articles", [[it.metadata["kb_number"], it.metadata["title"], it.metadata["status"], len(it.text) > 10] for it in articles])
tell("no such article", failing(knowledge().load_data, None, ["KB9999999"]))
tell("a wrong password", failing(knowledge("wrong").load_data, None, ["KB0000001"]))
os.environ["HTTPS_PROXY"] = PROXY
connection = SnowConnection(instance_url="https://" + HOST, username=LOGIN[0], password=LOGIN[1], page_size=100)
for name, options in [
    ("Incident", {}),
    ("KB", {}),
    ("CMDB", {"ci_class": "cmdb_ci_server", "include_relationships": False}),
    ("Change", {}),
    ("Problem", {}),
    ("Catalog", {}),
    ("Relationship", {}),
    ("Table", {"table": "sys_user_group"}),
]:
    documents = getattr(readers, f"ServiceNow{name}Reader")(connection=connection, **options).load_data()
    tell(name, [len(documents), documents[0].text.splitlines()[0]])
end()

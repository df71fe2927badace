"""langchain-snowloader's loaders, each at once and lazily; a proxy brings them here."""

import os

import langchain_snowloader as loaders
from session import HOST, LOGIN, PROXY, end, tell
from snowloader import SnowConnection

os.environ["HTTPS_PROXY"] = PROXY
connection = SnowConnection(instance_url="https://" + HOST, username=LOGIN[0], password=LOGIN[1], page_size=100)
for name, options in [
    ("Incident", {"query": "active=true"}),
    ("KB", {}),
    ("CMDB", {"ci_class": "cmdb_ci_server", "include_relationships": False}),
    ("Change", {}),
    ("Problem", {}),
    ("Catalog", {}),
    ("Attachment", {}),
    ("Relationship", {}),
    ("Table", {"table": "sys_user_group"}),
]:
    loader = getattr(loaders, f"ServiceNow{name}Loader")(connection=connection, **options)
    documents = loader.load()
    lazily = sum(1 for _ in loader.lazy_load())
    first = documents[0]
    tell(name, [len(documents), lazily == len(documents), first.page_content.splitlines()[0], first.metadata.get("table")])
end()

"""A Singer tap of an instance: streams from its dictionary, pages by key, changes by their time."""

from __future__ import annotations

import os

from singer_sdk import Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BasicAuthenticator
from singer_sdk.pagination import BaseAPIPaginator
from singer_sdk.streams import RESTStream

TYPES = {"integer": th.IntegerType, "boolean": th.BooleanType}


class Keyset(BaseAPIPaginator):
    """The last row of a page is where the next begins; an empty page is the last."""

    def get_next(self, response):
        rows = response.json()["result"]
        return [rows[-1]["sys_updated_on"], rows[-1]["sys_id"]] if rows else None


class TableStream(RESTStream):
    primary_keys = ("sys_id",)
    replication_key = "sys_updated_on"
    records_jsonpath = "$.result[*]"
    is_sorted = True
    page_size = 60

    @property
    def url_base(self):
        return self.config["url"] + "/api/now/table"

    @property
    def path(self):
        return "/" + self.name

    @property
    def authenticator(self):
        return BasicAuthenticator(username=self.config["username"], password=self.config["password"])

    @property
    def requests_session(self):
        # The framework sends prepared requests, to which the environment's authorities do not apply.
        session = super().requests_session
        session.verify = os.environ["REQUESTS_CA_BUNDLE"]
        return session

    def get_new_paginator(self):
        return Keyset(None)

    def get_url_params(self, context, next_page_token):
        since = (self.get_starting_replication_key_value(context) or "2020-01-01 00:00:00").replace("T", " ")
        query = f"sys_updated_on>={since[:19]}"
        if next_page_token:
            at, after = next_page_token
            query = f"{query}^sys_updated_on>{at}^NQsys_updated_on>={since[:19]}^sys_updated_on={at}^sys_id>{after}"
        return {
            "sysparm_query": f"{query}^ORDERBYsys_updated_on^ORDERBYsys_id",
            "sysparm_limit": self.page_size,
            "sysparm_fields": ",".join(self.schema["properties"]),
            "sysparm_exclude_reference_link": "true",
            "sysparm_no_count": "true",
        }

    def post_process(self, row, context=None):
        for name, value in row.items():
            kind = self.schema["properties"].get(name, {}).get("type", [])
            if value == "":
                row[name] = None
            elif "boolean" in kind:
                row[name] = value == "true"
            elif "integer" in kind:
                row[name] = int(value)
        return row


class TapServiceNow(Tap):
    name = "tap-servicenow"
    config_jsonschema = th.PropertiesList(
        th.Property("url", th.StringType, required=True),
        th.Property("username", th.StringType, required=True),
        th.Property("password", th.StringType, required=True, secret=True),
        th.Property("tables", th.ArrayType(th.StringType), required=True),
    ).to_dict()

    def rows(self, table, query, fields):
        """All rows of a table that describes others."""
        import requests

        answer = requests.get(
            f"{self.config['url']}/api/now/table/{table}",
            params={"sysparm_query": query, "sysparm_fields": fields, "sysparm_exclude_reference_link": "true"},
            auth=(self.config["username"], self.config["password"]),
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()["result"]

    def lineage(self, table):
        """A table and those that it extends."""
        while table:
            yield table
            found = self.rows("sys_db_object", f"name={table}", "name,super_class.name")
            table = found[0]["super_class.name"] if found else ""

    def discover_streams(self):
        for table in self.config["tables"]:
            tables = ",".join(self.lineage(table))
            columns = self.rows("sys_dictionary", f"nameIN{tables}^elementISNOTEMPTY", "element,internal_type")
            properties = {}
            for column in sorted(columns, key=lambda it: it["element"]):
                properties[column["element"]] = TYPES.get(column["internal_type"], th.StringType)
            properties["sys_updated_on"] = th.DateTimeType
            schema = th.PropertiesList(*(th.Property(name, kind) for name, kind in properties.items())).to_dict()
            yield TableStream(tap=self, name=table, schema=schema)


if __name__ == "__main__":
    TapServiceNow.cli()

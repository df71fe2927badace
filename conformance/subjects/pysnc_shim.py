"""Drives PySNC as its documentation shows: `pysnc_shim.py check | sync`.

It adds nothing: no retry, no timeout, no interpretation. What PySNC raises is printed on stderr
as `Class: text`, and what PySNC yields is written to a file of JSON lines as it comes.
"""

import json
import os
import sys

from pysnc import ServiceNowClient


def main(verb):
    settings = os.environ
    client = ServiceNowClient(
        settings["PYSNC_INSTANCE"], (settings["PYSNC_USER"], settings["PYSNC_PASSWORD"])
    )
    record = client.GlideRecord(
        settings["PYSNC_TABLE"], batch_size=int(settings["PYSNC_BATCH_SIZE"])
    )
    if verb == "check":
        record.limit = 1
        record.query()
        print(f"connected: {record.get_row_count()} rows in {record.table}")
        return
    record.query()
    count = 0
    with open(settings["PYSNC_RECORDS"], "a", encoding="utf-8", buffering=1) as records:
        for row in record:
            records.write(json.dumps(row.serialize()) + "\n")
            count += 1
    print(f"read {count} of {record.get_row_count()} rows of {record.table}")


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["sync"]):
        sys.exit(89)  # not implemented
    try:
        main(sys.argv[1])
    except Exception as error:  # whatever PySNC raises is what its user sees
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)

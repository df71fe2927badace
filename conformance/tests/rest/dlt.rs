//! dlt 1.31.0's REST source: paging by the header `Link`, by offset, and an incremental load.

use super::Script;

#[test]
fn dlt_reads_by_each_way_of_paging() {
    let script = Script {
        test: "dlt_reads_by_each_way_of_paging",
        needs: "dlt",
        file: "frameworks/dlt_rest_source.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

//! aiosnow 0.6.0: its schemas, queries, streams, writes and files.

use super::Script;

#[test]
fn aiosnow_works_on_a_table() {
    let script = Script {
        test: "aiosnow_works_on_a_table",
        needs: "aiosnow",
        file: "aiosnow_table.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

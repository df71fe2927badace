//! pysnow 0.7.17: its query builder, writes, attachments and custom calls.

use super::Script;

#[test]
fn pysnow_works_on_a_table() {
    let script = Script {
        test: "pysnow_works_on_a_table",
        needs: "pysnow",
        file: "pysnow_table.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

//! servicenow-api 2.0.1: the APIs that the simulator has.

use super::Script;

#[test]
fn servicenow_api_reads_and_writes() {
    let script = Script {
        test: "servicenow_api_reads_and_writes",
        needs: "servicenow_api",
        file: "apart/servicenow_api_calls.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

//! servicenow-api-client 0.1.2: all of its methods.

use super::Script;

#[test]
fn servicenow_api_client_works_on_a_table() {
    let script = Script {
        test: "servicenow_api_client_works_on_a_table",
        needs: "servicenow_api_client",
        file: "servicenow_api_client_table.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

//! mfa-servicenow-mcp 1.25.4: its tools, over stdio.

use super::Script;

#[test]
fn mfa_mcp_server_works_for_a_model() {
    let script = Script {
        test: "mfa_mcp_server_works_for_a_model",
        needs: "bin/servicenow-mcp",
        file: "frameworks/mfa_mcp_server.py",
    };
    let Some(mut told) = script.run() else { return };
    // It asks for columns in no order, and so is answered.
    let columns = told.said["a schema"].as_array_mut().unwrap();
    columns.sort_by_key(|column| column["field"].to_string());
    insta::assert_json_snapshot!(told.said);
}

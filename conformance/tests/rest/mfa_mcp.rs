//! mfa-servicenow-mcp 1.25.4: its tools, over stdio.

use super::Script;

#[test]
fn mfa_mcp_server_works_for_a_model() {
    let script = Script {
        test: "mfa_mcp_server_works_for_a_model",
        needs: "bin/servicenow-mcp",
        file: "frameworks/mfa_mcp_server.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

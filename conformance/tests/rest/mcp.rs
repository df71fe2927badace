//! mcp-server-servicenow 0.9.2: its connection check and its tools, over stdio.

use super::Script;

#[test]
fn mcp_server_works_for_a_model() {
    let script = Script {
        test: "mcp_server_works_for_a_model",
        needs: "bin/mcp-server-servicenow",
        file: "mcp_server.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

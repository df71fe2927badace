//! n8n-nodes-base 2.41.2: the ServiceNow node's lists and operations, and its credential's test.

use super::Script;

#[test]
fn n8n_node_does_its_operations() {
    let script = Script {
        test: "n8n_node_does_its_operations",
        needs: "node/n8n-nodes-base",
        file: "n8n_node.cjs",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

//! langchain-snowloader 0.8.1: each of its loaders.

use super::Script;

#[test]
fn langchain_loads_documents() {
    let script = Script {
        test: "langchain_loads_documents",
        needs: "langchain_snowloader",
        file: "frameworks/langchain_loads.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

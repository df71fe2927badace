//! llama-index-readers-service-now 0.4.0 and llama-index-readers-snowloader 0.8.1: their readers.

use super::Script;

#[test]
fn llama_index_reads_documents() {
    let script = Script {
        test: "llama_index_reads_documents",
        needs: "llama_index",
        file: "frameworks/llama_index_reads.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

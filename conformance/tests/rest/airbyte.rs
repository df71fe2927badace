//! airbyte-cdk 7.39.1 with a declarative source: check, discover, read, and read again from its state.

use super::Script;

#[test]
fn airbyte_checks_discovers_and_reads() {
    let script = Script {
        test: "airbyte_checks_discovers_and_reads",
        needs: "bin/source-declarative-manifest",
        file: "frameworks/airbyte.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

//! A tap on singer-sdk 0.54.9: discovery from the dictionary, a full sync, and one from its state.

use super::Script;

#[test]
fn singer_tap_discovers_and_syncs() {
    let script = Script {
        test: "singer_tap_discovers_and_syncs",
        needs: "singer_sdk",
        file: "frameworks/singer_runs.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

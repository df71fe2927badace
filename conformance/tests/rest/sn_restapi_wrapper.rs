//! sn-restapi-wrapper 1.1.4: tables read by months.

use super::Script;

#[test]
fn sn_restapi_wrapper_reads_a_period() {
    let script = Script {
        test: "sn_restapi_wrapper_reads_a_period",
        needs: "sn_restapi_wrapper",
        file: "frameworks/sn_restapi_wrapper_reads.py",
    };
    let Some(told) = script.run() else { return };
    insta::assert_json_snapshot!(told.said);
}

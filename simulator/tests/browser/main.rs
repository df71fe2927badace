//! The pages in a real browser: headless Chromium, driven by what it tells a screen reader.
//!
//! Where no Chromium is installed the test says so on stderr and is skipped; with
//! `SNOWPROOF_REQUIRE_CHROMIUM` or `SNOWPROOF_REQUIRE_SUBJECTS` set it fails instead. Pictures of the pages are left in
//! `target/tmp/pages`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails here"
)]

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

mod application;
mod consent;
mod looks;
mod session;
mod stage;
mod tab;

use stage::Stage;

/// What a person does, in a browser that knows no cookies.
type Flow = fn(&Stage);

const FLOWS: &[(&str, Flow)] = &[
    ("a person signs in and allows", consent::allows),
    ("a person denies", consent::denies),
    ("a person leaves", consent::abandons),
    ("another user is signed in", consent::other_user),
    ("what cannot go back is shown", consent::shown_errors),
    ("no script is needed", consent::without_scripts),
    ("the keyboard suffices", consent::keyboard),
    ("a password is mistyped twice", session::wrong_password),
    ("a person logs out", session::logs_out),
    (
        "a machine's account is refused",
        session::web_services_alone,
    ),
    ("the owner wakes an instance", session::wakes),
    ("a screen reader tells the pages", looks::told),
    ("pages fit a phone and a screen", looks::fit),
];

#[test]
fn people_meet_the_pages() {
    let Ok(program) = snowproof_browser::find(None) else {
        let line = "SKIPPED people_meet_the_pages: chromium is not installed\n";
        let is_set = |name| std::env::var_os(name).is_some();
        let required = ["SNOWPROOF_REQUIRE_SUBJECTS", "SNOWPROOF_REQUIRE_CHROMIUM"];
        assert!(!required.into_iter().any(is_set), "{line}");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let stage = Stage::set(program);
    let failed: Vec<_> = FLOWS
        .iter()
        .filter(|(_, flow)| catch_unwind(AssertUnwindSafe(|| flow(&stage))).is_err())
        .map(|(name, _)| name)
        .collect();
    stage.clear();
    assert!(failed.is_empty(), "{failed:?}");
}

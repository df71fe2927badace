//! An application asks for consent, and a person answers.

use snowproof_simulator::journal::Condition;

use crate::stage::{NAME, OTHER, PASSWORD, Stage, USER};
use crate::tab::Tab;

fn value<'a>(told: &'a [(String, String)], name: &str) -> &'a str {
    let mut named = told.iter().filter(|(known, _)| known == name);
    named.next().map_or("", |(_, value)| value.as_str())
}

fn heading() -> String {
    format!("Allow {NAME} to use your account?")
}

/// The browser arrived at the application, and nothing was in its way.
fn arrived(tab: &Tab<'_>, stage: &Stage) {
    let url = tab.url();
    assert!(url.starts_with(&stage.application.redirect_url), "{url}");
    assert_eq!(tab.complaints(), [""; 0]);
}

pub(crate) fn allows(stage: &Stage) {
    let tab = stage.consent_of(USER);
    tab.find("heading", &heading());
    assert!(tab.text().contains(&format!("logged in as {USER}")));
    tab.click("button", "Allow");
    arrived(&tab, stage);
    let told = stage.application.told();
    assert!(!value(&told, "code").is_empty(), "{told:?}");
    assert_eq!(value(&told, "state"), "st&te");
    // The next time nobody signs in again.
    tab.open(&stage.asks_well());
    tab.find("button", "Allow");
}

pub(crate) fn denies(stage: &Stage) {
    let tab = stage.consent_of(USER);
    tab.click("button", "Deny");
    arrived(&tab, stage);
    let told = stage.application.told();
    assert_eq!(value(&told, "error"), "access_denied");
    assert_eq!(value(&told, "state"), "st&te");
    assert_eq!(value(&told, "code"), "");
}

pub(crate) fn abandons(stage: &Stage) {
    drop(stage.consent_of(USER));
    let tab = stage.tab();
    tab.open(&stage.asks_well());
    tab.find("heading", "Log in");
    drop(tab);
    assert!(stage.application.is_alone());
}

pub(crate) fn other_user(stage: &Stage) {
    let tab = stage.consent_of(OTHER);
    assert!(tab.text().contains(&format!("logged in as {OTHER}")));
    tab.click("button", "Log in as another user");
    tab.find("heading", "Log in");
    tab.sign_in(USER, PASSWORD);
    assert!(tab.text().contains(&format!("logged in as {USER}")));
    tab.click("button", "Allow");
    arrived(&tab, stage);
    assert!(!value(&stage.application.told(), "code").is_empty());
    assert!(stage.last().decision.reason.contains(USER));
    // Whoever is signed in grants for the account that is signed in.
    let tab = stage.consent_of(OTHER);
    tab.click("button", "Allow");
    assert!(!value(&stage.application.told(), "code").is_empty());
    assert!(stage.last().decision.reason.contains(OTHER));
}

pub(crate) fn shown_errors(stage: &Stage) {
    let tab = stage.tab();
    let mismatch = format!("{}/", stage.application.redirect_url);
    for (name, wrong, condition, text) in [
        (
            "state",
            "",
            Condition::StateMissing,
            "Missing State parameter in request.",
        ),
        (
            "redirect_uri",
            mismatch.as_str(),
            Condition::RedirectMismatch,
            mismatch.as_str(),
        ),
        (
            "client_id",
            "<b>unknown</b>",
            Condition::ClientUnknown,
            "<b>unknown</b>",
        ),
    ] {
        tab.open(&stage.asks(name, wrong));
        tab.find("heading", "This request cannot be carried out");
        assert!(tab.text().contains(text), "{}", tab.text());
        assert_eq!(stage.last().decision.condition, Some(condition));
    }
    tab.open(&stage.asks_inactive());
    tab.find("heading", "This request cannot be carried out");
    let text = tab.text();
    assert!(text.contains("The application is not active."), "{text}");
    assert_eq!(
        stage.last().decision.condition,
        Some(Condition::ClientInactive)
    );
    drop(tab);
    assert!(stage.application.is_alone());
}

pub(crate) fn without_scripts(stage: &Stage) {
    let tab = stage.tab();
    tab.forbid_scripts();
    tab.open(&stage.asks_well());
    tab.sign_in(USER, PASSWORD);
    tab.find("heading", &heading());
    tab.click("button", "Allow");
    arrived(&tab, stage);
    let told = stage.application.told();
    assert!(!value(&told, "code").is_empty(), "{told:?}");
    // No page's script ran: this one would have told the session's token.
    tab.open(&stage.url("/navpage.do"));
    tab.find("heading", "Welcome");
    assert_eq!(tab.evaluate("typeof g_ck"), "undefined");
}

pub(crate) fn keyboard(stage: &Stage) {
    let tab = stage.tab();
    tab.open(&stage.asks_well());
    assert!(
        tab.find("textbox", "User name").focused,
        "one types at once"
    );
    tab.write(USER);
    tab.tabulate();
    assert!(tab.find("textbox", "Password").focused);
    tab.write(PASSWORD);
    tab.enter();
    tab.find("heading", &heading());
    let buttons = ["Allow", "Deny", "Log in as another user", "Log out"];
    for name in buttons {
        tab.tabulate();
        assert!(tab.find("button", name).focused, "{name}");
    }
    tab.open(&stage.asks_well());
    tab.tabulate();
    tab.enter();
    arrived(&tab, stage);
    assert!(!value(&stage.application.told(), "code").is_empty());
}

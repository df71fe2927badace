//! A person signs in and out.

use snowproof_simulator::journal::Condition;

use crate::stage::{MACHINE, PASSWORD, Stage, USER};

const REFUSED: &str = "User name or password invalid";

pub(crate) fn wrong_password(stage: &Stage) {
    let tab = stage.tab();
    tab.open(&stage.asks_well());
    for _ in 0..2 {
        tab.sign_in(USER, "wrong");
        let field = tab.find("textbox", "Password");
        assert!(field.invalid, "{field:?}");
        assert_eq!(field.description, REFUSED);
        assert_eq!(tab.find("alert", "").role, "alert");
        assert_eq!(
            stage.last().decision.condition,
            Some(Condition::PasswordRefused)
        );
    }
    tab.picture("login-refused");
    tab.sign_in(USER, PASSWORD);
    tab.find("button", "Allow");
    assert_eq!(tab.complaints(), [""; 0]);
}

pub(crate) fn logs_out(stage: &Stage) {
    let tab = stage.tab();
    tab.open(&stage.url("/"));
    tab.sign_in(USER, PASSWORD);
    tab.find("heading", "Welcome");
    assert_eq!(tab.evaluate("g_ck.length"), 72, "the page tells its token");
    assert_eq!(tab.complaints(), [""; 0]);
    tab.open(&stage.url("/login_redirect.do?sysparm_stack=no"));
    tab.find("heading", "Welcome");
    tab.click("button", "Log out");
    tab.find("heading", "Log in");
    tab.open(&stage.url("/navpage.do"));
    tab.find("heading", "Log in");
    // A login that a stranger's link leads to stays here.
    tab.open(&stage.url("/login.do?sysparm_goto_url=https%3A%2F%2Fevil.test%2F"));
    tab.sign_in(USER, PASSWORD);
    assert_eq!(tab.url(), stage.url("/navpage.do"));
    // A link logs out as well.
    tab.open(&stage.url("/logout.do"));
    tab.find("heading", "Log in");
}

pub(crate) fn web_services_alone(stage: &Stage) {
    let tab = stage.tab();
    tab.open(&stage.asks_well());
    tab.sign_in(MACHINE, PASSWORD);
    assert!(tab.text().contains(REFUSED), "{}", tab.text());
    assert_eq!(
        stage.last().decision.condition,
        Some(Condition::NonInteractiveUser)
    );
}

pub(crate) fn wakes(stage: &Stage) {
    let tab = stage.tab();
    tab.open(stage.asleep());
    tab.find("heading", "Your instance is hibernating");
    tab.click("button", "Sign in");
    tab.find("heading", "Sign in to the developer site");
    assert!(
        tab.url().ends_with("/dev.do#!/home?wu=true"),
        "{}",
        tab.url()
    );
    tab.sign_in_by("Sign in", USER, "wrong");
    assert!(tab.text().contains(REFUSED), "{}", tab.text());
    tab.open(stage.asleep());
    tab.find("heading", "Your instance is hibernating");
    tab.click("button", "Sign in");
    tab.sign_in_by("Sign in", USER, PASSWORD);
    tab.find("heading", "You are signed in");
    assert_eq!(tab.complaints(), [""; 0]);
    tab.open(stage.asleep());
    tab.find("heading", "Your instance is currently offline");
}

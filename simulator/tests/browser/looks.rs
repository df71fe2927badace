//! What the pages look like, and what a screen reader tells of them.

use crate::stage::{NAME, PASSWORD, Stage, USER};
use crate::tab::Tab;

/// Roles and names of what a person meets, in order.
fn met(tab: &Tab<'_>) -> Vec<String> {
    let roles = [
        "banner",
        "main",
        "contentinfo",
        "heading",
        "textbox",
        "button",
        "link",
        "alert",
        "region",
        "list",
    ];
    let told = tab.told().into_iter();
    let met = told.filter(|it| roles.contains(&it.role.as_str()));
    met.map(|it| format!("{} {}", it.role, it.name).trim().to_owned())
        .collect()
}

pub(crate) fn told(stage: &Stage) {
    let tab = stage.tab();
    tab.open(&stage.asks_well());
    assert_eq!(tab.evaluate("document.documentElement.lang"), "en");
    assert_eq!(
        met(&tab),
        [
            "banner",
            "main",
            "heading Log in",
            "textbox User name",
            "textbox Password",
            "button Log in",
            "contentinfo",
        ]
    );
    tab.sign_in(USER, "wrong");
    assert_eq!(tab.evaluate("document.title"), "Error: Log in | ServiceNow");
    let refused = met(&tab);
    assert_eq!(
        refused[3..5],
        ["alert", "link User name or password invalid"]
    );
    tab.sign_in(USER, PASSWORD);
    assert_eq!(
        met(&tab),
        [
            "banner".to_owned(),
            "main".to_owned(),
            format!("heading Allow {NAME} to use your account?"),
            format!("heading {NAME} asks to"),
            "list".to_owned(),
            "button Allow".to_owned(),
            "button Deny".to_owned(),
            format!("region Not {USER}?"),
            format!("heading Not {USER}?"),
            "button Log in as another user".to_owned(),
            "button Log out".to_owned(),
            "contentinfo".to_owned(),
        ]
    );
    tab.open(&stage.asks("state", ""));
    assert_eq!(
        met(&tab),
        [
            "banner",
            "main",
            "heading This request cannot be carried out",
            "alert",
            "contentinfo",
        ]
    );
}

pub(crate) fn fit(stage: &Stage) {
    let tab = stage.tab();
    let look = |name: &str| {
        for (width, height, scheme) in [
            (360, 740, "light"),
            (320, 640, "dark"),
            (1280, 800, "light"),
            (1280, 800, "dark"),
        ] {
            tab.screen(width, height, scheme);
            let over = "document.documentElement.scrollWidth - innerWidth";
            assert_eq!(tab.evaluate(over), 0, "{name} at {width}");
            tab.picture(&format!("{name}-{width}-{scheme}"));
        }
    };
    tab.open(&stage.asks_well());
    look("login");
    tab.sign_in(USER, PASSWORD);
    look("consent");
    tab.open(&stage.asks(
        "redirect_uri",
        &format!("https://app.test/{}", "x".repeat(120)),
    ));
    look("refused");
    tab.open(&stage.url("/"));
    look("home");
    tab.open(stage.site());
    look("developer-site");
}

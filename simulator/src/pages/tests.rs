//! Whatever a caller sends is text on a page, and never a part of it.

use http::header::LOCATION;
use proptest::prelude::*;

use super::*;
use crate::journal::Condition;

/// The tags of a page with the names of their attributes, and nothing that is text.
fn skeleton(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let tag = &rest[..end.expect("a tag ends")];
        let names = tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
        tags.push(names);
        rest = &rest[tag.len()..];
    }
    tags
}

fn headers(host: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::try_from(host).unwrap());
    headers
}

/// Every page, with a caller's text wherever one can be.
fn pages(text: &str) -> Vec<Reply> {
    // Which one it is decides about a line of the page.
    assert_ne!(text, "useraccount");
    let headers = headers("dev10001.instance.test");
    let frame = Frame::of(&headers);
    let login = Login {
        token: Some(text),
        back_to: OwnPath::read("/oauth_auth.do?x=1"),
        user_name: text,
        problem: Some("User name or password invalid"),
    };
    let consent = Consent {
        application: text,
        user_name: text,
        scopes: vec!["useraccount", text],
        redirect_url: text,
        parameters: &[("state", text), ("client_id", text)],
        token: text,
        again: OwnPath::read("/oauth_auth.do?x=1"),
    };
    let refused = Refused {
        problem: text,
        remedy: text,
        asked: &[("redirect_uri", text)],
    };
    let home = Home {
        user_name: text,
        token: "c0ffee",
    };
    vec![
        login.reply(frame, text),
        consent.reply(frame),
        refused.reply(frame, Condition::InvalidRequest, text),
        home.reply(frame),
    ]
}

fn shown(reply: &Reply) -> String {
    String::from_utf8(reply.body.to_vec()).unwrap()
}

proptest! {
    #[test]
    fn no_text_changes_a_page_s_structure(text in "[<>\"'&;=/a-z -]{1,24}|\\PC{1,24}") {
        for (given, plain) in pages(&text).iter().zip(pages("x")) {
            prop_assert_eq!(skeleton(&shown(given)), skeleton(&shown(&plain)));
        }
    }

    #[test]
    fn every_text_arrives(text in "[a-z<>\"'&]{1,24}") {
        let escaped = text
            .replace('&', "&#38;")
            .replace('<', "&#60;")
            .replace('>', "&#62;")
            .replace('"', "&#34;")
            .replace('\'', "&#39;");
        for page in pages(&text) {
            prop_assert!(shown(&page).contains(&escaped));
        }
    }
}

#[test]
fn pages_stay_out_of_frames_and_load_nothing() {
    for page in pages("x") {
        assert_eq!(page.headers[X_FRAME_OPTIONS], "DENY");
        let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let (_, style) = shown(&page).split_once("<style>").map(owned).unwrap();
        let (style, _) = style.split_once("</style>").unwrap();
        assert!(policy.contains(&source_of(style)), "the style is the one");
    }
    let home = pages("x").pop().unwrap();
    let policy = home.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    let (_, script) = shown(&home).split_once("<script>").map(owned).unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    assert_eq!(script, "\nvar g_ck = 'c0ffee';\n");
    assert!(policy.contains(&source_of(script)), "{policy}");
}

fn owned((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

#[test]
fn a_consent_may_lead_to_the_application_s_origin_alone() {
    let headers = headers("dev10001.instance.test");
    let consent = Consent {
        application: "x",
        user_name: "x",
        scopes: Vec::new(),
        redirect_url: "https://app.test:8443/cb?secret=1",
        parameters: &[],
        token: "x",
        again: None,
    };
    let page = consent.reply(Frame::of(&headers));
    let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.ends_with("form-action 'self' https://app.test:8443"),
        "{policy}"
    );
    assert!(!shown(&page).contains("secret=1"));
}

#[test]
fn the_login_keeps_what_clients_look_for() {
    let headers = headers("dev10001.instance.test");
    let page = Login::default().reply(Frame::of(&headers), "");
    insta::assert_snapshot!(shown(&page).replace(STYLE, "STYLE"));
}

#[test]
fn the_consent_page_is_this() {
    let headers = headers("dev10001.instance.test");
    let consent = Consent {
        application: "Sync <1>",
        user_name: "sync.user",
        scopes: vec!["useraccount", "incident_read"],
        redirect_url: "https://app.test/cb?x=1",
        parameters: &[("client_id", "a&b"), ("state", "s")],
        token: "c0ffee",
        again: OwnPath::read("/oauth_auth.do?client_id=a%26b&state=s"),
    };
    let page = consent.reply(Frame::of(&headers));
    insta::assert_snapshot!(shown(&page).replace(STYLE, "STYLE"));
}

#[test]
fn the_way_to_the_login_keeps_where_it_leads() {
    let headers = headers("dev10001.instance.test");
    let frame = Frame::of(&headers);
    let login = |path: &str| Login {
        back_to: OwnPath::read(path),
        ..Login::default()
    };
    let sent = login("/x?a=b").redirect(frame, "");
    let to = "/login_redirect.do?sysparm_goto_url=%2Fx%3Fa%3Db";
    assert_eq!(sent.headers[LOCATION], to);
    let long = format!("/{}", "%".repeat(5000));
    let page = login(&long).redirect(frame, "");
    assert_eq!(page.status, StatusCode::OK);
    assert!(shown(&page).contains(&long));
}

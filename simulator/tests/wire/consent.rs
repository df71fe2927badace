//! The consent page over HTTP, with cookies and forms as a browser sends them.

use serde_json::json;
use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Given, Setup};
use snowproof_simulator::simulator::Running;
use url::Url;

use crate::client::{Answer, Client};
use crate::stage::{self, PASSWORD, USER, requests};

const BACK: &str = "https://app.test/callback?a=b";
const ID: &str = "c11ent-1d";
const ACCESS: &str = "Acc3ss-given-canary";
const SECRET: &str = "c11ent-secret-Jq7";

const ASKED: &str = "/oauth_auth.do?response_type=code&client_id=c11ent-1d&state=st%26te&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback%3Fa%3Db";

fn setup(client: serde_json::Value, properties: serde_json::Value) -> Setup {
    let main = json!({
        "oauth_clients": { "Sync App": client },
        "properties": properties,
        "users": {
            USER: { "roles": ["itil"] },
            "machine": { "web_service_access_only": true },
            "other": {},
        },
    });
    let mut setup = stage::setup(main, json!({}));
    setup.given = Given {
        client_id: ID.to_owned(),
        client_secret: SECRET.to_owned(),
        redirect_url: BACK.to_owned(),
        access_token: ACCESS.to_owned(),
        user: USER.to_owned(),
        ..Given::default()
    };
    for user in ["machine", "other"] {
        setup.passwords.insert(user.to_owned(), PASSWORD.to_owned());
    }
    setup
}

async fn start(client: serde_json::Value) -> Running {
    let setup = setup(client, json!({}));
    stage::try_start(setup, Default::default()).await.unwrap()
}

/// A browser: it keeps cookies and follows nothing by itself.
struct Browser {
    client: Client,
    cookie: String,
}

impl Browser {
    async fn new(running: &Running) -> Self {
        Self {
            client: stage::secure(running).await,
            cookie: String::new(),
        }
    }

    async fn send(&mut self, method: &str, target: &str, form: &str) -> Answer {
        let headers = format!(
            "{}Content-Type: application/x-www-form-urlencoded\r\n",
            self.cookie
        );
        self.client.send(method, target, &headers, form).await;
        let answer = self.client.answer().await.unwrap();
        let set = answer.head.lines().find_map(|line| {
            let cookie = line.strip_prefix("Set-Cookie: JSESSIONID=")?;
            cookie.split(';').next()
        });
        if let Some(id) = set {
            self.cookie = format!("Cookie: JSESSIONID={id}\r\n");
        }
        answer
    }

    async fn get(&mut self, target: &str) -> Answer {
        self.send("GET", target, "").await
    }

    /// Sends the first form of a page that goes to an action, with what is added to it.
    async fn submit(&mut self, page: &Answer, action: &str, added: &[(&str, &str)]) -> Answer {
        let (action, form) = form(page, action, added);
        self.send("POST", &action, &form).await
    }

    /// Asks for consent and signs in on the way.
    async fn signed_in(&mut self, user: &str) -> Answer {
        let sent = self.get(ASKED).await;
        assert_eq!(sent.status, 302);
        let login = self.get(location(&sent)).await;
        assert_eq!(login.status, 200);
        let before = self.cookie.clone();
        let added = [("user_name", user), ("user_password", PASSWORD)];
        let sent = self.submit(&login, "/login.do", &added).await;
        assert_eq!(sent.status, 302, "{}", sent.text());
        assert_ne!(self.cookie, before, "a login begins a new session");
        self.get(location(&sent)).await
    }
}

/// Where a form leads and what it holds.
fn form(page: &Answer, action: &str, added: &[(&str, &str)]) -> (String, String) {
    let text = page.text();
    let start = format!("<form action=\"{action}\"");
    let (_, form) = text.split_once(&start).expect("the page has the form");
    let (form, _) = form.split_once("</form>").unwrap();
    let mut sent = url::form_urlencoded::Serializer::new(String::new());
    for field in form.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, field) = field.split_once("\" value=\"").unwrap();
        let (value, _) = field.split_once('"').unwrap();
        sent.append_pair(name, &value.replace("&#38;", "&"));
    }
    sent.extend_pairs(added);
    (action.to_owned(), sent.finish())
}

fn location(answer: &Answer) -> &str {
    answer.header("Location").unwrap()
}

/// What the application is told.
fn told(answer: &Answer) -> Vec<(String, String)> {
    let url = Url::parse(location(answer)).unwrap();
    assert_eq!(url.origin(), Url::parse(BACK).unwrap().origin());
    assert_eq!(url.path(), "/callback");
    let mut pairs = url.query_pairs().into_owned();
    assert_eq!(pairs.next(), Some(("a".to_owned(), "b".to_owned())));
    pairs.collect()
}

fn value<'a>(told: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = told.iter().filter(|(known, _)| known == name);
    named.next().map(|(_, value)| value.as_str())
}

fn last(running: &Running) -> (Option<Condition>, String) {
    let request = requests(&running.journal.entries()).pop().unwrap();
    (request.decision.condition, request.decision.reason)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_and_allows() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    let page = browser.signed_in(USER).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.header("X-Is-Logged-In"), Some("true"));
    assert_eq!(page.header("X-Frame-Options"), Some("DENY"));
    let text = page.text();
    assert!(
        text.contains("Allow Sync App to use your account?"),
        "{text}"
    );
    assert!(text.contains(USER), "{text}");

    let allow = [("consent", "allow")];
    let sent = browser.submit(&page, "/oauth_auth.do", &allow).await;
    assert_eq!(sent.status, 302);
    let told = told(&sent);
    assert_eq!(told.len(), 2);
    assert_eq!(value(&told, "state"), Some("st&te"));
    let code = value(&told, "code").unwrap().to_owned();
    assert!(code.len() >= 32, "{code}");
    assert_eq!(last(&running).0, Some(Condition::ConsentAllowed));

    let redeem = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", BACK),
            ("client_id", ID),
            ("client_secret", SECRET),
        ])
        .finish();
    let mut application = Browser::new(&running).await;
    let given = application.send("POST", "/oauth_token.do", &redeem).await;
    assert_eq!(given.status, 200, "{}", given.text());
    let token = given.json()["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let list = application.client.get(stage::LIST, &bearer).await;
    assert_eq!((list.status, list.rows()), (200, 10));
    let reader = requests(&running.journal.entries()).pop().unwrap();
    assert_eq!(
        reader.user.as_deref(),
        Some(USER),
        "the token is the person's"
    );

    // A second consent is another code, and neither is written down; nor is the session's token.
    let again = browser.submit(&page, "/oauth_auth.do", &allow).await;
    assert_ne!(location(&again), location(&sent));
    let (_, form) = form(&page, "/oauth_auth.do", &[]);
    let (_, token) = form.split_once("sysparm_ck=").unwrap();
    let entries = serde_json::to_string(&running.journal.entries()).unwrap();
    assert!(!entries.contains(&code) && !entries.contains(token));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_named_no_redirect_url_need_not_name_it_for_the_code_either() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    browser.signed_in(USER).await;
    let (asked, _) = ASKED.split_once("&redirect_uri").unwrap();
    let page = browser.get(asked).await;
    let allow = [("consent", "allow")];
    let sent = browser.submit(&page, "/oauth_auth.do", &allow).await;
    let told = told(&sent);
    let code = value(&told, "code").unwrap();
    let redeem =
        format!("grant_type=authorization_code&code={code}&client_id={ID}&client_secret={SECRET}");
    let mut application = Browser::new(&running).await;
    let given = application.send("POST", "/oauth_token.do", &redeem).await;
    assert_eq!(given.status, 200, "{}", given.text());
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_denies() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    let page = browser.signed_in(USER).await;
    let deny = [("consent", "deny")];
    let sent = browser.submit(&page, "/oauth_auth.do", &deny).await;
    let told = told(&sent);
    assert_eq!(value(&told, "error"), Some("access_denied"));
    assert_eq!(value(&told, "state"), Some("st&te"));
    assert_eq!(value(&told, "code"), None);
    assert_eq!(last(&running).0, Some(Condition::ConsentDenied));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_user_signs_in_instead() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    let page = browser.signed_in("other").await;
    let before = browser.cookie.clone();
    let sent = browser.submit(&page, "/logout.do", &[]).await;
    assert_ne!(browser.cookie, before, "the session is another");
    assert_eq!(sent.header("X-Is-Logged-In"), Some("false"));
    let sent = browser.get(location(&sent)).await;
    let login = browser.get(location(&sent)).await;
    let added = [("user_name", USER), ("user_password", PASSWORD)];
    let sent = browser.submit(&login, "/login.do", &added).await;
    let page = browser.get(location(&sent)).await;
    assert!(page.text().contains(USER), "{}", page.text());
    let allow = [("consent", "allow")];
    browser.submit(&page, "/oauth_auth.do", &allow).await;
    assert_eq!(last(&running).1, format!("`{USER}` allows the application"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_without_the_session_s_token_grants_nothing() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    let page = browser.signed_in(USER).await;
    let (_, sent) = form(&page, "/oauth_auth.do", &[("consent", "allow")]);
    let (before, after) = sent.split_once("sysparm_ck=").unwrap();
    for forged in [
        format!("{before}sysparm_ck={}{}", "0".repeat(72), &after[72..]),
        format!("{before}x={after}"),
    ] {
        let refused = browser.send("POST", "/oauth_auth.do", &forged).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.header("Location"), None);
    }
    // A form that somebody else's page sends meets no session, or one that does not know its token.
    let mut stranger = Browser::new(&running).await;
    let refused = stranger.send("POST", "/oauth_auth.do", &sent).await;
    assert!(location(&refused).starts_with("/login_redirect.do?"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_was_tampered_with_is_examined_again() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    let page = browser.signed_in(USER).await;
    let (_, sent) = form(&page, "/oauth_auth.do", &[("consent", "allow")]);
    let elsewhere = sent.replace("app.test", "evil.test");
    assert_ne!(elsewhere, sent);
    let refused = browser.send("POST", "/oauth_auth.do", &elsewhere).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.header("Location"), None);
    assert_eq!(last(&running).0, Some(Condition::RedirectMismatch));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_go_back_is_shown_before_the_login() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    for (asked, condition, text) in [
        (
            ASKED.replace("state=st%26te", "state=+"),
            Condition::StateMissing,
            "Missing State parameter in request.",
        ),
        (
            ASKED.replace(ID, "another"),
            Condition::ClientUnknown,
            "No application has this client ID",
        ),
        (
            ASKED.replace("a%3Db", "a%3Db%2F"),
            Condition::RedirectMismatch,
            "https://app.test/callback?a=b/",
        ),
    ] {
        let page = browser.get(&asked).await;
        assert_eq!(page.status, 400, "{asked}");
        assert!(page.text().contains(text), "{}", page.text());
        assert_eq!(page.header("Location"), None);
        assert_eq!(last(&running).0, Some(condition));
    }
    running.shutdown().await.unwrap();

    let running = start(json!({ "active": false })).await;
    let page = Browser::new(&running).await.get(ASKED).await;
    assert_eq!(page.status, 400);
    assert!(
        page.text().contains("The application is not active."),
        "{}",
        page.text()
    );
    assert_eq!(last(&running).0, Some(Condition::ClientInactive));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_errors_go_back_to_the_application() {
    let public = json!({ "public_client": true, "grants": ["authorization_code"] });
    let running = start(public).await;
    let mut browser = Browser::new(&running).await;
    let challenged = format!("{ASKED}&code_challenge={}", "a".repeat(43));
    for (asked, error) in [
        (
            ASKED.replace("=code&", "=id_token&"),
            "unsupported_response_type",
        ),
        (ASKED.to_owned(), "invalid_request"),
        (
            format!("{challenged}&code_challenge_method=x"),
            "invalid_request",
        ),
        (format!("{challenged}&scope=nothing"), "invalid_scope"),
    ] {
        let sent = browser.get(&asked).await;
        assert_eq!(sent.status, 302, "{asked}");
        assert_eq!(value(&told(&sent), "error"), Some(error));
        assert_eq!(value(&told(&sent), "state"), Some("st&te"));
    }
    let good = format!("{challenged}&scope=openid+useraccount");
    assert!(location(&browser.get(&good).await).starts_with("/login_redirect.do?"));
    running.shutdown().await.unwrap();

    let running = start(json!({ "grants": ["password"] })).await;
    let sent = Browser::new(&running).await.get(ASKED).await;
    assert_eq!(value(&told(&sent), "error"), Some("unauthorized_client"));
    assert_eq!(last(&running).0, Some(Condition::GrantNotEnabled));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_property_lets_the_state_be_left_out() {
    let off = json!({ "glide.oauth.state.parameter.required": "false" });
    let setup = setup(json!({}), off);
    let running = stage::try_start(setup, Default::default()).await.unwrap();
    let mut browser = Browser::new(&running).await;
    browser.signed_in(USER).await;
    let page = browser.get(&ASKED.replace("state=st%26te&", "")).await;
    let allow = [("consent", "allow")];
    let sent = browser.submit(&page, "/oauth_auth.do", &allow).await;
    assert_eq!(told(&sent).len(), 1);
    // The redirect URL may be left out where there is one only.
    let short = format!("/oauth_auth.do?response_type=code&client_id={ID}");
    let page = browser.get(&short).await;
    let sent = browser.submit(&page, "/oauth_auth.do", &allow).await;
    assert!(value(&told(&sent), "code").is_some());
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_call_web_services_alone_sees_no_page() {
    let running = start(json!({})).await;
    let mut browser = Browser::new(&running).await;
    let sent = browser.get(ASKED).await;
    let login = browser.get(location(&sent)).await;
    let added = [("user_name", "machine"), ("user_password", PASSWORD)];
    let refused = browser.submit(&login, "/login.do", &added).await;
    assert_eq!(refused.status, 200);
    assert!(refused.text().contains("User name or password invalid"));
    assert_eq!(last(&running).0, Some(Condition::NonInteractiveUser));
    // Nor with the session that a call of the API began.
    let call = crate::client::basic("machine", PASSWORD);
    browser
        .client
        .get(stage::LIST, &(call + &browser.cookie))
        .await;
    let sent = browser.get(ASKED).await;
    assert!(location(&sent).starts_with("/login_redirect.do?"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_s_session_is_asked_for_no_consent() {
    let running = start(json!({ "access_token": "valid" })).await;
    let mut browser = Browser::new(&running).await;
    browser.get(ASKED).await;
    let call = format!("Authorization: Bearer {ACCESS}\r\n{}", browser.cookie);
    let called = browser.client.get(stage::LIST, &call).await;
    assert_eq!(called.status, 200);
    let by_cookie = browser.client.get(stage::LIST, &browser.cookie).await;
    assert_eq!(by_cookie.status, 200, "the session is the token's");
    for asked in [ASKED, "/oauth_auth.do?consent=allow"] {
        let sent = browser.get(asked).await;
        assert!(!sent.text().contains("Allow Sync App"), "{}", sent.text());
    }
    let sent = browser.get(ASKED).await;
    assert!(location(&sent).starts_with("/login_redirect.do?"));
    running.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_form_s_token_is_its_session_s_and_a_property_keeps_the_session() {
    let keeps = json!({ "glide.ui.rotate_sessions": "false" });
    let setup = setup(json!({}), keeps);
    let running = stage::try_start(setup, Default::default()).await.unwrap();
    let mut browser = Browser::new(&running).await;
    let sent = browser.get(ASKED).await;
    let login = browser.get(location(&sent)).await;
    let before = browser.cookie.clone();
    let added = [("user_name", USER), ("user_password", PASSWORD)];
    let (_, form) = form(&login, "/login.do", &added);
    let (start, rest) = form.split_once("sysparm_ck=").unwrap();
    let forged = format!("{start}sysparm_ck={}{}", "0".repeat(72), &rest[72..]);
    let refused = browser.send("POST", "/login.do", &forged).await;
    assert_eq!(refused.status, 200);
    assert!(refused.text().contains("open for too long"));
    assert_eq!(refused.header("X-Is-Logged-In"), Some("false"));
    let sent = browser.send("POST", "/login.do", &form).await;
    assert_eq!(sent.status, 302);
    assert_eq!(browser.cookie, before);
    let page = browser.get(location(&sent)).await;
    assert!(page.text().contains("Allow Sync App"), "{}", page.text());
    running.shutdown().await.unwrap();
}

//! Runs in which a person consents, or does not.

use std::sync::Arc;
use std::sync::Mutex;

use reqwest::Url;
use tokio::net::TcpListener;

use super::*;
use crate::settings::{Application, Authentication, Grant, Secret};

/// A free port for the callback.
async fn redirect() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/cb", listener.local_addr().unwrap())
}

fn settings(responder: &Responder, redirect: &str) -> Settings {
    let base = Url::parse(&responder.url).unwrap();
    let application = Application {
        client_id: "id".into(),
        client_secret: Some(Secret::of("own secret")),
        authorize_url: base.join("/oauth_auth.do").unwrap(),
        token_url: base.join("/oauth_token.do").unwrap(),
        redirect_url: Some(redirect.to_owned()),
        grant: Grant::AuthorizationCode,
        access_token: None,
        refresh_token: None,
        signing_key: None,
        signing_key_id: None,
    };
    Settings {
        authentication: Authentication::Oauth(Box::new(application)),
        patience: Duration::from_millis(500),
        ..Settings::for_test(&responder.url)
    }
}

/// An instance where `user` is signed in once the code is exchanged.
async fn instance(user: &'static str) -> Responder {
    Responder::start(move |_, head| {
        let json = "content-type: application/json";
        if head.starts_with("POST /oauth_token.do ") {
            let body = r#"{"access_token":"a","refresh_token":"r","expires_in":1799}"#;
            return answer("200 OK", &[json], body);
        }
        assert!(head.contains("gs.getUserName"), "{head}");
        let body = json!({ "result": [{ "sys_id": "1", "user_name": user }] });
        answer("200 OK", &[json], &body.to_string())
    })
    .await
}

/// Everything that is said, for whoever waits for a page to open.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl AsyncWrite for Shared {
    fn poll_write(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        std::task::Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }
}

/// The query of a callback, made of the state.
type BringsBack = fn(&str) -> String;

/// A run in which a person brings back what `callback` makes of the state.
async fn connect(
    policy: &Policy,
    settings: Settings,
    redirect: &str,
    callback: Option<BringsBack>,
) -> Said {
    let mut out = Shared::default();
    let said = out.clone();
    let stopper = Stopper::new();
    let person = async {
        let Some(callback) = callback else { return };
        let url = loop {
            let text = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
            let line = text.lines().find(|line| line.contains("\"authorize\""));
            if let Some(line) = line
                && let FromConnector::Authorize(authorize) = serde_json::from_str(line).unwrap()
            {
                break Url::parse(&authorize.url).unwrap();
            }
            tokio::task::yield_now().await;
        };
        let state = url.query_pairs().find(|(name, _)| name == "state");
        let state = state
            .map(|(_, state)| state.into_owned())
            .unwrap_or_default();
        reqwest::get(format!("{redirect}?{}", callback(&state)))
            .await
            .unwrap();
    };
    let run = async {
        let voice = Voice::new(&mut out, "r1", policy);
        let client = Client::new(&settings, policy).await.unwrap();
        conduct(Verb::Connect, None, &client, &voice, &stopper.watch())
            .await
            .unwrap()
    };
    let (outcome, ()) = tokio::join!(run, person);
    let bytes = said.0.lock().unwrap().clone();
    Said::read(&bytes, outcome)
}

#[tokio::test]
async fn a_consent_is_exchanged_tried_and_its_user_read() {
    let (responder, redirect) = (instance("sync.user").await, redirect().await);
    let allow: BringsBack = |state| format!("code=c&state={state}");
    let said = connect(
        &Policy::default(),
        settings(&responder, &redirect),
        &redirect,
        Some(allow),
    )
    .await;
    assert_eq!(
        (said.outcome, said.class()),
        (Outcome::Success, None),
        "{}",
        said.text
    );
    let heads = responder.heads();
    assert_eq!(heads.len(), 3);
    assert!(
        heads[0].contains("grant_type=authorization_code&code=c&redirect_uri="),
        "{}",
        heads[0]
    );
    assert!(heads[0].contains("&code_verifier="));
    assert!(heads[1].contains("grant_type=refresh_token&refresh_token=r&"));
    assert!(heads[2].contains("authorization: Bearer a\r\n"));
}

#[tokio::test]
async fn another_user_is_told_and_a_careless_policy_does_not_look() {
    for (policy, class) in [
        (Policy::default(), Some("auth.wrong_identity")),
        (sin("ignores-identity"), None),
    ] {
        let (responder, redirect) = (instance("admin").await, redirect().await);
        let allow: BringsBack = |state| format!("code=c&state={state}");
        let said = connect(
            &policy,
            settings(&responder, &redirect),
            &redirect,
            Some(allow),
        )
        .await;
        assert_eq!(said.class(), class, "{}", said.text);
    }
}

#[tokio::test]
async fn a_foreign_state_a_refusal_and_silence_lead_to_no_token_request() {
    let cases: [(Option<BringsBack>, &str); 3] = [
        (
            Some(|_| "code=c&state=foreign".to_owned()),
            "auth.oauth_state",
        ),
        (
            Some(|state| format!("error=access_denied&state={state}")),
            "auth.oauth_consent",
        ),
        (None, "auth.oauth_consent"),
    ];
    for (callback, class) in cases {
        let (responder, redirect) = (instance("sync.user").await, redirect().await);
        let said = connect(
            &Policy::default(),
            settings(&responder, &redirect),
            &redirect,
            callback,
        )
        .await;
        assert_eq!(
            (said.outcome, said.class()),
            (Outcome::Failure, Some(class))
        );
        assert!(responder.heads().is_empty());
    }
}

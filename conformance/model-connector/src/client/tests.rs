//! Handshakes with real certificates: what is refused, by name, and that nothing is sent then.

use std::io::Write;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration as Days, OffsetDateTime};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::diagnosis::{
    CERTIFICATE_EXPIRED, CERTIFICATE_HOST, CERTIFICATE_NOT_YET_VALID, CERTIFICATE_UNTRUSTED, Kind,
};
use crate::responder::{rows, serve};

/// A server certificate gone wrong in one way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    None,
    Expired,
    Future,
    Host,
    SelfSigned,
}

/// What a call to a server with this flaw brings, and how many requests the server saw.
async fn call(flaw: Flaw, policy: &Policy) -> (Result<usize, Failure>, usize) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let name = if flaw == Flaw::Host {
        "elsewhere.test"
    } else {
        "127.0.0.1"
    };
    let mut leaf = CertificateParams::new([name.to_owned()]).unwrap();
    let today = OffsetDateTime::now_utc();
    (leaf.not_before, leaf.not_after) = match flaw {
        Flaw::Expired => (today - Days::days(30), today - Days::days(2)),
        Flaw::Future => (today + Days::days(2), today + Days::days(30)),
        _ => (today - Days::days(1), today + Days::days(30)),
    };
    let leaf = match flaw {
        Flaw::SelfSigned => leaf.self_signed(&key),
        _ => leaf.signed_by(&key, &authority),
    }
    .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(
        vec![leaf.der().clone()],
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
    )
    .unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                let script = Arc::new(|_: usize, _: &str| rows(&["a".to_owned()], 1));
                tokio::spawn(serve(stream, Arc::clone(&kept), script));
            }
        }
    });
    let path = std::env::temp_dir().join(format!(
        "snowproof-{}-{}.pem",
        std::process::id(),
        base.rsplit(':').next().unwrap()
    ));
    std::fs::File::create(&path)
        .unwrap()
        .write_all(authority.pem().as_bytes())
        .unwrap();
    let settings = Settings {
        authorities: Some(path.clone()),
        ..Settings::for_test(&base)
    };
    let client = Client::new(&settings, policy).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let request = ListRequest {
        query: None,
        limit: 1,
        offset: 0,
        of: Rows::Configured,
    };
    let answer = client.list(&request).await.map(|page| page.rows.len());
    let seen = heads.lock().unwrap().len();
    (answer, seen)
}

#[tokio::test]
async fn a_good_certificate_is_accepted() {
    assert_eq!(call(Flaw::None, &Policy::default()).await, (Ok(1), 1));
}

#[tokio::test]
async fn each_flaw_is_refused_by_name_before_anything_is_sent() {
    for (flaw, cause) in [
        (Flaw::Expired, CERTIFICATE_EXPIRED),
        (Flaw::Future, CERTIFICATE_NOT_YET_VALID),
        (Flaw::Host, CERTIFICATE_HOST),
        (Flaw::SelfSigned, CERTIFICATE_UNTRUSTED),
    ] {
        let (answer, seen) = call(flaw, &Policy::default()).await;
        let failure = answer.unwrap_err();
        assert_eq!(
            (failure.cause, failure.kind),
            (cause, Kind::Certificate),
            "{flaw:?}"
        );
        assert_eq!(seen, 0, "{flaw:?}");
    }
}

#[tokio::test]
async fn without_verification_every_flaw_is_accepted() {
    let policy = Policy {
        verify_certificates: false,
        ..Policy::default()
    };
    for flaw in [Flaw::Expired, Flaw::Host, Flaw::SelfSigned] {
        assert_eq!(call(flaw, &policy).await, (Ok(1), 1), "{flaw:?}");
    }
}

#[tokio::test]
async fn a_user_may_switch_verification_off() {
    let responder = crate::responder::Responder::start(|_, _| rows(&["a".to_owned()], 1)).await;
    let settings = Settings {
        verify: false,
        authorities: Some("/nonexistent/ca.pem".into()),
        ..Settings::for_test(&responder.url)
    };
    assert!(Client::new(&settings, &Policy::default()).await.is_ok());
}

#[tokio::test]
async fn a_file_of_authorities_that_is_none_is_refused() {
    let settings = Settings {
        authorities: Some("/nonexistent/ca.pem".into()),
        ..Settings::for_test("https://127.0.0.1:1")
    };
    let policy = Policy::default();
    let failure = Client::new(&settings, &policy).await.err().unwrap();
    assert_eq!(failure.cause, BAD_SETTING);
}

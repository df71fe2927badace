//! The forward proxy that is configured, and what its failures mean.
//!
//! ServiceNow was not reached then, so nothing is said about it. The HTTP client keeps the type of
//! its tunnel's errors to itself: they are told apart by the words that its release is pinned to.

use std::error::Error;
use std::fmt;

use reqwest::Url;

use crate::diagnosis::{
    BAD_SETTING, Failure, Kind, PROXY, PROXY_AUTHENTICATION, PROXY_REFUSED, PROXY_SILENT, quoted,
};
use crate::settings::Secret;

/// How every error of a tunnel begins.
const TUNNEL: &str = "tunnel error: ";

/// A proxy and what is shown to it.
#[derive(Clone)]
pub(crate) struct Proxy {
    url: Url,
    credentials: Option<(String, Secret)>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Proxy {
    /// Reads the settings of a proxy.
    ///
    /// # Errors
    ///
    /// When the URL is none of a proxy, or holds credentials of its own.
    pub(crate) fn read(
        url: &str,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Result<Self, Failure> {
        let refused = |why: &str| {
            Failure::permanent(BAD_SETTING, format!("the proxy URL cannot be used: {why}"))
        };
        let url = Url::parse(url).map_err(|error| refused(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("user name and password have settings of their own"));
        }
        if url.scheme() != "http" || url.host_str().is_none_or(str::is_empty) {
            return Err(refused(&format!(
                "{} is not of the form `http://host:port`",
                quoted(url.as_str())
            )));
        }
        let credentials = user.zip(password);
        Ok(Self {
            url,
            credentials: credentials
                .map(|(user, password)| (user.to_owned(), Secret::of(password))),
        })
    }

    /// Host and port, as a user knows them.
    fn name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(80);
        format!("{host}:{port}")
    }

    /// User and password, where they are configured.
    pub(crate) fn credentials(&self) -> Option<(&str, &Secret)> {
        let given = self.credentials.as_ref();
        given.map(|(user, password)| (user.as_str(), password))
    }

    /// For the HTTP client.
    ///
    /// # Errors
    ///
    /// When it does not take the URL.
    pub(crate) fn for_client(&self) -> Result<reqwest::Proxy, Failure> {
        let proxy = reqwest::Proxy::all(self.url.clone())
            .map_err(|error| Failure::permanent(BAD_SETTING, error.to_string()))?;
        Ok(match self.credentials() {
            Some((user, password)) => proxy.basic_auth(user, password.reveal()),
            None => proxy,
        })
    }
}

/// The failure of a tunnel to `host`; none where the error is of another kind. The proxy may be one
/// that the environment names.
pub(crate) fn failure(
    error: &reqwest::Error,
    proxy: Option<&Proxy>,
    host: &str,
    seconds: f64,
) -> Option<Failure> {
    let name = proxy.map_or_else(
        || "the proxy".to_owned(),
        |proxy| format!("the proxy `{}`", proxy.name()),
    );
    let Some(words) = tunnel_words(error) else {
        // Whatever is connected to is the proxy, and it did not let this connector through in time.
        let silent = proxy.is_some() && error.is_timeout() && error.is_connect();
        return silent.then(|| {
            Failure::new(
                PROXY_SILENT,
                Kind::Timeout,
                format!("{name} made no connection to `{host}` within {seconds} s"),
            )
        });
    };
    Some(of_tunnel(&words, &name, host))
}

fn of_tunnel(words: &str, name: &str, host: &str) -> Failure {
    match words {
        "proxy authorization required" => Failure::permanent(
            PROXY_AUTHENTICATION,
            format!(
                "{name} asks for a user name and a password, or refused those it was shown \
                 (status 407); `{host}` was not reached"
            ),
        ),
        "failed to create underlying connection" => Failure::new(
            PROXY_REFUSED,
            Kind::Transient,
            format!("{name} does not take the connection; `{host}` was not reached"),
        ),
        "unsuccessful" => Failure::new(
            PROXY,
            Kind::Transient,
            format!("{name} refused to connect to `{host}`, which was not reached"),
        ),
        other => Failure::new(
            PROXY,
            Kind::Transient,
            format!("{name} made no connection to `{host}`: {other}"),
        ),
    }
}

/// What a tunnel's error says, anywhere in the chain of causes.
fn tunnel_words(error: &reqwest::Error) -> Option<String> {
    let mut link: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(here) = link {
        if let Some(words) = here.to_string().strip_prefix(TUNNEL) {
            return Some(words.to_owned());
        }
        link = here.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// What a call through a proxy that answers like this brings.
    async fn through(answer: Option<&'static str>) -> Failure {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Proxy::read(&url, Some("u"), Some("p")).unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let read = stream.read(&mut head).await.unwrap();
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                None => std::future::pending().await,
            }
            String::from_utf8_lossy(&head[..read]).into_owned()
        });
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(300))
            .proxy(proxy.for_client().unwrap())
            .build()
            .unwrap();
        let error = client.get("https://a.test/").send().await.unwrap_err();
        if answer.is_some() {
            let head = serving.await.unwrap();
            assert!(head.starts_with("CONNECT a.test:443 "), "{head}");
            assert!(head.contains("Basic dTpw"), "{head}");
        }
        failure(&error, Some(&proxy), "a.test", 0.3).unwrap()
    }

    #[tokio::test]
    async fn what_a_proxy_does_is_told_apart() {
        let refused = through(Some(
            "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
        ))
        .await;
        assert_eq!(
            (refused.cause, refused.kind),
            (PROXY_AUTHENTICATION, Kind::Permanent)
        );
        let failed = through(Some("HTTP/1.1 502 Bad Gateway\r\n\r\n")).await;
        assert_eq!((failed.cause, failed.kind), (PROXY, Kind::Transient));
        let silent = through(None).await;
        assert_eq!((silent.cause, silent.kind), (PROXY_SILENT, Kind::Timeout));
    }

    #[tokio::test]
    async fn a_closed_port_is_the_proxys() {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let proxy = Proxy::read(&url, None, None).unwrap();
        let client = reqwest::Client::builder()
            .proxy(proxy.for_client().unwrap())
            .build()
            .unwrap();
        let error = client.get("https://a.test/").send().await.unwrap_err();
        let found = failure(&error, Some(&proxy), "a.test", 1.0).unwrap();
        assert_eq!(found.cause, PROXY_REFUSED);
    }

    #[test]
    fn a_proxy_url_is_checked_before_it_is_used() {
        for bad in ["proxy", "ftp://a:1", "http://", "http://u:p@a:1"] {
            let refused = Proxy::read(bad, None, None).unwrap_err();
            assert_eq!(refused.cause, BAD_SETTING);
            assert!(!refused.message.contains("u:p"), "{}", refused.message);
        }
    }
}

//! What the browser brings back: a listener on the loopback address (RFC 8252, 7.3) that takes one
//! callback and ignores whatever else arrives.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::diagnosis::{BAD_SETTING, Failure, quoted};
use crate::settings::Secret;

/// The path where none is configured.
const PATH: &str = "/callback";
/// Longest head of a request that is read, bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// A browser sends its request within this time; connections that it opens in advance do not count.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Connections that may be open at once.
const MOST_OPEN: usize = 16;
/// What the person sees.
const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Back to the connector</title>\
    <h1>You can close this window</h1><p>The connector tells how the connection went.</p></html>";

/// A listener for one callback.
#[derive(Debug)]
pub(crate) struct Callback {
    listener: TcpListener,
    path: String,
    /// Connections that are being answered. One that arrives beside the callback that is waited for
    /// belongs to whoever waits next: a page that is loaded again is answered, not cut off.
    open: Mutex<JoinSet<Option<Brought>>>,
}

/// What a callback brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brought {
    /// The state, as it came.
    pub(crate) state: Option<Secret>,
    /// The code, or why there is none.
    pub(crate) code: Result<Secret, String>,
}

impl Callback {
    /// Listens where `redirect` says, or anywhere on this machine, and gives the URL for the
    /// browser.
    ///
    /// # Errors
    ///
    /// When the URL is not one of this machine, or its port is taken.
    pub(crate) async fn listen(redirect: Option<&str>) -> Result<(Self, String), Failure> {
        let refused = |why: String| {
            let shown = quoted(redirect.unwrap_or(PATH));
            Failure::permanent(BAD_SETTING, format!("redirect URL {shown}: {why}"))
        };
        let url = redirect
            .map(|typed| Url::parse(typed).map_err(|error| refused(error.to_string())))
            .transpose()?;
        let port = match &url {
            None => 0,
            Some(url) => {
                let host = url.host_str().unwrap_or_default();
                let here = ["127.0.0.1", "localhost"].contains(&host);
                if url.scheme() != "http" || !here {
                    let why = "this connector receives callbacks at `http://127.0.0.1` alone";
                    return Err(refused(why.to_owned()));
                }
                url.port_or_known_default().unwrap_or_default()
            }
        };
        let listening = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listening.map_err(|error| refused(error.to_string()))?;
        let path = url.as_ref().map_or(PATH, Url::path).to_owned();
        let browser = match redirect {
            Some(typed) => typed.to_owned(),
            None => {
                let own = listener.local_addr();
                format!(
                    "http://{}{PATH}",
                    own.map_err(|error| refused(error.to_string()))?
                )
            }
        };
        let open = Mutex::new(JoinSet::new());
        Ok((
            Self {
                listener,
                path,
                open,
            },
            browser,
        ))
    }

    /// Shows the page to whoever loads it again, and takes nothing of what that brings: it was taken
    /// the first time.
    pub(crate) async fn shows_again(&self) -> Infallible {
        loop {
            self.brought().await;
        }
    }

    /// Waits for the callback, however long.
    pub(crate) async fn brought(&self) -> Brought {
        let mut open = self.open.lock().await;
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if open.len() < MOST_OPEN => {
                    if let Ok((stream, _)) = accepted {
                        let path = self.path.clone();
                        open.spawn(async move {
                            let served = timeout(HEAD_WITHIN, serve(stream, &path)).await;
                            served.ok()?.ok()?
                        });
                    }
                }
                Some(served) = open.join_next() => {
                    if let Ok(Some(brought)) = served {
                        return brought;
                    }
                }
            }
        }
    }
}

/// Answers one request; what it brought where it is a callback.
async fn serve(mut stream: TcpStream, path: &str) -> io::Result<Option<Brought>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD || stream.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    let text = String::from_utf8_lossy(&head);
    let brought = text.lines().next().and_then(|line| read(line, path));
    let (status, page) = match &brought {
        Some(_) => ("200 OK", PAGE),
        None => ("404 Not Found", ""),
    };
    // The code stands in the URL: no page that follows may learn it.
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         referrer-policy: no-referrer\r\ncache-control: no-store\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(brought)
}

/// What a request line brings, where it is a callback.
fn read(line: &str, path: &str) -> Option<Brought> {
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let url = Url::parse(&format!("http://callback.invalid{target}")).ok()?;
    if method != "GET" || url.path() != path {
        return None;
    }
    let value = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    let code = match (value("error"), value("code")) {
        (Some(error), _) => Err(error),
        (None, Some(code)) => Ok(Secret::of(&code)),
        (None, None) => return None,
    };
    let state = value("state").map(|state| Secret::of(&state));
    Some(Brought { state, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(url: &str) -> u16 {
        reqwest::get(url).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn a_callback_is_taken_and_all_else_is_passed_over() {
        let (callback, url) = Callback::listen(None).await.unwrap();
        let browser = async {
            let favicon = url.replace(PATH, "/favicon.ico");
            assert_eq!(get(&favicon).await, 404);
            assert_eq!(get(&url).await, 404);
            assert_eq!(get(&format!("{url}?code=a%2Bb&state=s")).await, 200);
        };
        // A connection that a browser opens in advance and never uses.
        let idle = TcpStream::connect(callback.listener.local_addr().unwrap());
        let _idle = idle.await.unwrap();
        let (brought, ()) = tokio::join!(callback.brought(), browser);
        let state = Some(Secret::of("s"));
        let code = Ok(Secret::of("a+b"));
        assert_eq!(brought, Brought { state, code });
    }

    #[tokio::test]
    async fn a_page_loaded_again_beside_the_first_is_answered() {
        let (callback, url) = Callback::listen(None).await.unwrap();
        let address = callback.listener.local_addr().unwrap();
        // Accepted before the first callback, which is over before this one is asked for.
        let mut again = TcpStream::connect(address).await.unwrap();
        let first = format!("{url}?code=a&state=s");
        let (brought, status) = tokio::join!(callback.brought(), get(&first));
        assert_eq!((brought.code, status), (Ok(Secret::of("a")), 200));
        let browser = async {
            let asks = b"GET /callback?code=b&state=s HTTP/1.1\r\n\r\n";
            again.write_all(asks).await.unwrap();
            let mut answer = String::new();
            again.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let (brought, answer) = tokio::join!(callback.brought(), browser);
        assert_eq!(brought.code, Ok(Secret::of("b")));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }

    #[tokio::test]
    async fn a_refusal_is_a_callback_too() {
        assert_eq!(
            read("GET /cb?error=access_denied&state=s HTTP/1.1", "/cb")
                .unwrap()
                .code,
            Err("access_denied".to_owned())
        );
        assert_eq!(read("POST /cb?code=a HTTP/1.1", "/cb"), None);
        assert_eq!(read("GET", "/cb"), None);
        assert_eq!(read("GET http://elsewhere/cb?code=a HTTP/1.1", "/cb"), None);
    }

    #[tokio::test]
    async fn only_this_machine_is_listened_at() {
        for redirect in [
            "https://127.0.0.1:1/cb",
            "http://app.example/cb",
            "nonsense",
        ] {
            let failure = Callback::listen(Some(redirect)).await.unwrap_err();
            assert_eq!(failure.cause, BAD_SETTING, "{redirect}");
        }
    }
}

//! What a forward proxy answers by itself.
//!
//! Status and reason are those that clients were measured with (connection-faults 1.5); the other
//! headers and the pages are *assumed*. A refused caller is sent away: the connection ends.

use http::StatusCode;

/// What opens a tunnel. The reason phrase is *assumed*; no client reads it.
pub(super) const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// The realm of the 407, *assumed*.
const REALM: &str = "proxy";

/// The name by which the proxy signs, *assumed*: it must be told from the instance's `snow_adc`.
const SERVER: &str = "forward-proxy";

/// A refusal with its page.
pub(super) fn refusal(status: StatusCode, why: &str) -> Vec<u8> {
    let title = format!(
        "{} {}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    );
    let page = format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{why}</p></body></html>\n"
    );
    let challenge = if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        format!("Proxy-Authenticate: Basic realm=\"{REALM}\"\r\n")
    } else {
        String::new()
    };
    format!(
        "HTTP/1.1 {title}\r\nServer: {SERVER}\r\n{challenge}Content-Type: text/html\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(status: StatusCode, why: &str) -> String {
        String::from_utf8(refusal(status, why))
            .unwrap()
            .replace("\r\n", "\n")
    }

    #[test]
    fn a_407_challenges() {
        insta::assert_snapshot!(text(
            StatusCode::PROXY_AUTHENTICATION_REQUIRED,
            "This proxy requires a user name and a password."
        ));
    }

    #[test]
    fn a_502_is_signed_by_the_proxy() {
        insta::assert_snapshot!(text(
            StatusCode::BAD_GATEWAY,
            "The proxy could not connect to the requested host."
        ));
    }
}

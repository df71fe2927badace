//! Why there was no answer, read from the chain of an error's causes.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::diagnosis::{
    BAD_REQUEST, CLOSED, CONNECT_TIMEOUT, CONNECTION_REFUSED, DNS, Failure, Kind, MALFORMED,
    READ_TIMEOUT, RESET, TRUNCATED,
};
use crate::tls;

/// Deepest chain of causes that is followed.
const DEEPEST_CHAIN: usize = 16;

/// The failure that an error of the HTTP client means. `in_body` is true once the head of the
/// answer has arrived.
pub(crate) fn failure(
    error: &reqwest::Error,
    host: &str,
    timeout: Duration,
    in_body: bool,
) -> Failure {
    if let Some(tls) = cause::<rustls::Error>(error) {
        return tls::failure(tls, host);
    }
    let seconds = timeout.as_secs_f64();
    if error.is_timeout() {
        return if error.is_connect() {
            Failure::new(
                CONNECT_TIMEOUT,
                Kind::Timeout,
                format!("`{host}` did not accept a connection within {seconds} s"),
            )
        } else {
            Failure::new(
                READ_TIMEOUT,
                Kind::Timeout,
                format!("`{host}` took the request and sent no complete answer within {seconds} s"),
            )
        };
    }
    if error.is_dns() {
        return Failure::new(
            DNS,
            Kind::Transient,
            format!("the host name `{host}` does not resolve"),
        );
    }
    let breaks_http = cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse);
    match cause::<io::Error>(error).map(io::Error::kind) {
        // Something on the way may have damaged it: another attempt may bring it whole.
        _ if breaks_http => Failure::new(
            MALFORMED,
            Kind::Transient,
            format!("the answer of `{host}` is no HTTP that can be read"),
        ),
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) if in_body => Failure::new(
            MALFORMED,
            Kind::Transient,
            format!("the answer of `{host}` is framed in a way that cannot be read"),
        ),
        Some(io::ErrorKind::ConnectionRefused) => Failure::new(
            CONNECTION_REFUSED,
            Kind::Transient,
            format!("`{host}` refuses the connection"),
        ),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted) => Failure::new(
            RESET,
            Kind::Transient,
            format!("the connection to `{host}` was reset {}", moment(in_body)),
        ),
        Some(io::ErrorKind::TimedOut) => Failure::new(
            CONNECT_TIMEOUT,
            Kind::Timeout,
            format!("`{host}` did not accept a connection"),
        ),
        _ if error.is_builder() => Failure::permanent(
            BAD_REQUEST,
            "the request could not be built from these settings",
        ),
        _ if in_body => Failure::new(
            TRUNCATED,
            Kind::Transient,
            format!("the answer of `{host}` ended before it was complete"),
        ),
        _ => Failure::new(
            CLOSED,
            Kind::Transient,
            format!("`{host}` closed the connection without an answer"),
        ),
    }
}

const fn moment(in_body: bool) -> &'static str {
    if in_body {
        "half way through the answer"
    } else {
        "before an answer arrived"
    }
}

/// The first cause of type `T` in the chain. An `io::Error` hides the error that it wraps from
/// [`Error::source`], so it is opened.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut link = Some(error);
    for _ in 0..DEEPEST_CHAIN {
        let here = link?;
        if let Some(found) = here.downcast_ref::<T>() {
            return Some(found);
        }
        link = match here
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => here.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_causes_are_found() {
        let tls = rustls::Error::HandshakeNotComplete;
        let wrapped = io::Error::other(io::Error::other(tls.clone()));
        assert_eq!(cause::<rustls::Error>(&wrapped), Some(&tls));
        assert!(cause::<reqwest::Error>(&wrapped).is_none());
    }
}

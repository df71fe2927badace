//! The address that a caller asked for, as a redirect repeats or changes it.

use http::header::HOST;

use super::stage::{Exchange, Neighbour};

/// The host that the caller named, without a port; empty where it named none.
pub(super) fn host<'a>(exchange: &Exchange<'a>) -> &'a str {
    let named = exchange
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    match named.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => named,
    }
}

/// A scheme, host and port, without the port where a URL need not name it.
pub(super) fn origin(over_tls: bool, host: &str, port: Option<u16>) -> String {
    let (scheme, usual) = if over_tls {
        ("https", 443)
    } else {
        ("http", 80)
    };
    match port {
        Some(port) if port != usual => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    }
}

/// The path and query that were asked for.
pub(super) fn path_and_query(exchange: &Exchange<'_>) -> String {
    match exchange.query {
        "" => exchange.path.to_owned(),
        query => format!("{}?{query}", exchange.path),
    }
}

/// Where another instance of the set-up is, as this caller can reach it.
pub(super) fn of_another(named: &str, other: &Neighbour) -> String {
    let host = name_of_another(named, &other.host);
    origin(true, &host, Some(other.tls_port))
}

/// The other instance's name as this caller can reach it: another name of the machine for whoever
/// named the machine, its name under the same domain for whoever named an instance.
fn name_of_another(named: &str, other: &str) -> String {
    if named == "localhost" {
        return "127.0.0.1".to_owned();
    }
    if named.parse::<core::net::Ipv4Addr>().is_ok() || named.starts_with('[') || named.is_empty() {
        return "localhost".to_owned();
    }
    let label = other.split('.').next().unwrap_or(other);
    match named.split_once('.') {
        Some((_, domain)) => format!("{label}.{domain}"),
        None => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_ports_are_not_named() {
        for (over_tls, port, expected) in [
            (true, Some(443), "https://h"),
            (true, Some(8443), "https://h:8443"),
            (true, None, "https://h"),
            (false, Some(80), "http://h"),
            (false, Some(443), "http://h:443"),
        ] {
            assert_eq!(origin(over_tls, "h", port), expected);
        }
    }

    #[test]
    fn another_host_is_one_that_the_caller_can_reach() {
        let other = "dev70001.instance.test";
        for (named, expected) in [
            ("127.0.0.1", "localhost"),
            ("localhost", "127.0.0.1"),
            ("[::1]", "localhost"),
            ("dev12345.instance.test", other),
            ("dev12345.service-now.com", "dev70001.service-now.com"),
            ("intranet", other),
        ] {
            assert_eq!(name_of_another(named, other), expected, "{named}");
        }
    }
}

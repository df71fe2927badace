//! What a server without TLS answers to a ClientHello.

/// A page that says 400; the words are *assumed*.
pub(super) fn bad_request() -> Vec<u8> {
    const PAGE: &str = "<html><head><title>400 Bad Request</title></head>\
         <body><h1>400 Bad Request</h1></body></html>\n";
    format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{PAGE}",
        PAGE.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_long_it_is() {
        let text = String::from_utf8(bad_request()).unwrap();
        insta::assert_snapshot!(text.replace("\r\n", "\n"));
    }
}

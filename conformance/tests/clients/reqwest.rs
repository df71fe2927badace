//! The words of reqwest with rustls, in the process of the test: `Name`, URL, proxy and seconds in,
//! the chain of its causes out.

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use ::reqwest::{Certificate, Client, Proxy};

/// What is told of one fault; nothing if all is well.
pub(crate) async fn words(
    ca_pem: &str,
    user: (&str, &str),
    url: &str,
    proxy: Option<&str>,
    seconds: u64,
) -> String {
    match ask(ca_pem, user, url, proxy, seconds).await {
        Ok(()) => String::new(),
        Err(error) => {
            let mut words = error.to_string();
            let mut cause = error.source();
            while let Some(each) = cause {
                write!(words, " <- {each}").unwrap();
                cause = each.source();
            }
            words
        }
    }
}

async fn ask(
    ca_pem: &str,
    (user, password): (&str, &str),
    url: &str,
    proxy: Option<&str>,
    seconds: u64,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut client = Client::builder()
        .tls_certs_only([Certificate::from_pem(ca_pem.as_bytes())?])
        .timeout(Duration::from_secs(seconds))
        .no_proxy();
    if let Some(proxy) = proxy {
        client = client.proxy(Proxy::all(proxy)?);
    }
    let request = client.build()?.get(url).basic_auth(user, Some(password));
    let text = request.send().await?.error_for_status()?.text().await?;
    // reqwest's own `json` is a feature that is not built; its cause is the same parser's error.
    serde_json::from_str::<serde_json::Value>(&text)?;
    Ok(())
}

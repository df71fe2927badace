//! The handshake failed: which variable or store this stack takes its authorities from.

use snowproof_simulator::journal::{Event, TlsFailed};

use super::{Fault, Finding, Manifest, Trial};
use crate::diagnosis::{self, Class};

/// Alerts that say no more than that the certificate is not trusted.
const OF_TRUST: [&str; 4] = [
    "UnknownCA",
    "BadCertificate",
    "CertificateUnknown",
    "AccessDenied",
];

/// The variables that the runner sets and a manifest may override.
const VARIABLES: [&str; 5] = [
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "JAVA_TOOL_OPTIONS",
];

pub(super) fn examine(manifest: &Manifest<'_>, trial: Trial<'_>) -> Option<Finding> {
    let act = trial.act()?;
    if trial.requests().next().is_some() {
        return None;
    }
    let failed = trial.events().find_map(|event| match event {
        Event::TlsFailed(failed) => Some(failed),
        _ => None,
    })?;
    let words = trial.tail();
    let dialects = &manifest.file.diagnosis.dialects;
    let read = diagnosis::read_log(&words, &[], 1);
    let untrusted = |class: Class| matches!(class, Class::TlsUntrusted | Class::TlsChain);
    let says_so = read.findings.iter().any(|found| untrusted(found.class));
    let alert = failed.alert.as_deref().unwrap_or_default();
    if !says_so && !OF_TRUST.contains(&alert) {
        return Some(no_handshake(manifest, failed, trial));
    }
    let guessed = read
        .findings
        .iter()
        .find(|found| untrusted(found.class))
        .and_then(|found| found.mentions.last())
        .and_then(|mention| mention.dialects.first())
        .copied();
    let program = act.argv.first().map_or("", String::as_str);
    let stack = dialects
        .first()
        .map(String::as_str)
        .filter(|name| *name != "servicenow")
        .or(guessed)
        .unwrap_or_else(|| by_program(program));
    let seen = format!(
        "it ended the handshake because it does not trust the run's CA: {}",
        trial.last_words()
    );
    let file = manifest.file;
    if let Some(name) = VARIABLES.iter().find(|name| file.env.contains_key(**name)) {
        let parameter = if *name == "JAVA_TOOL_OPTIONS" {
            "{truststore}"
        } else {
            "{ca_file}"
        };
        let change = format!(
            "this entry replaces the value that the runner sets: take it out, or let it name {parameter}. {}",
            store_of(stack)
        );
        return Some(manifest.finding(Fault::CaNotTrusted, &["env", name], seen, change));
    }
    let passed = |name: &&&str| file.pass_env.iter().any(|passed| passed == **name);
    if let Some(name) = VARIABLES.iter().find(passed) {
        let change = format!(
            "`{name}` of your own environment replaces the value that the runner sets: take it out of `pass_env`"
        );
        return Some(manifest.finding(Fault::CaNotTrusted, &["pass_env"], seen, change));
    }
    let parameters = ["ca_file", "ca_bundle", "truststore", "verify"];
    let texts = (seen, store_of(stack));
    let command = manifest.command(act);
    Some(manifest.about_placed(Fault::CaNotTrusted, &parameters, &command, texts))
}

fn no_handshake(manifest: &Manifest<'_>, failed: &TlsFailed, trial: Trial<'_>) -> Finding {
    let (what, change) = if failed.versions.is_empty() {
        (
            "it spoke no TLS to a port of TLS".to_owned(),
            "hand it the whole {base_url}, or {scheme} beside {host} and {port}; or switch TLS on in its settings",
        )
    } else {
        let alert = failed.alert.as_deref().unwrap_or(failed.error.as_str());
        (
            format!("the handshake failed: {alert}"),
            "see which protocol versions and which names its TLS library accepts; one that insists on an \
             instance's name needs a `route`",
        )
    };
    let texts = (format!("{what}; {}", trial.last_words()), change.to_owned());
    let parameters = ["base_url", "host", "instance_name"];
    manifest.about_placed(Fault::NoHandshake, &parameters, &["run"], texts)
}

/// The dialect of what is started, by its name.
fn by_program(program: &str) -> &'static str {
    let name = program.rsplit('/').next().unwrap_or(program);
    match name {
        name if name.starts_with("python") => "python-requests",
        name if name.starts_with("node") => "node-fetch",
        "java" => "java-httpclient",
        "curl" => "curl",
        _ => "",
    }
}

/// Where a stack takes the authorities from that it trusts.
fn store_of(stack: &str) -> String {
    let text = match stack {
        "curl" => {
            "curl reads CURL_CA_BUNDLE and SSL_CERT_FILE, which are set, unless `--cacert` or `--capath` is \
             given or another TLS library is built in: pass `--cacert {ca_file}`"
        }
        "python-requests" => {
            "requests reads REQUESTS_CA_BUNDLE, which is set, unless `verify` names a file or the session's \
             `trust_env` is off; urllib and http.client read SSL_CERT_FILE, and urllib3 alone neither: hand \
             {ca_file} to the setting that becomes `verify`, `cafile` or `ca_certs`"
        }
        "httpx" => {
            "httpx reads SSL_CERT_FILE, which is set, unless `trust_env` is off or `verify` is a context of its \
             own: hand {ca_file} to the setting that becomes `verify`"
        }
        "aiohttp" => {
            "aiohttp takes Python's default context, which reads SSL_CERT_FILE, unless the connector makes one \
             of certifi's list: hand {ca_file} to the setting that becomes `cafile`"
        }
        "node-fetch" | "axios" => {
            "Node reads NODE_EXTRA_CA_CERTS, which is set, once at its start, unless `ca` is given to the agent \
             or the process is started without the environment: hand {ca_file} to the setting that becomes `ca`"
        }
        "java-httpclient" => {
            "Java reads javax.net.ssl.trustStore, which JAVA_TOOL_OPTIONS sets, unless its own options or an \
             SSLContext replace it: hand it {truststore} (PKCS12, no password), or `-Djavax.net.ssl.trustStore={truststore}`"
        }
        "go-http" => {
            "Go reads SSL_CERT_FILE, which is set, unless `RootCAs` is a pool of its own: hand {ca_file} to the \
             setting that fills it"
        }
        "reqwest" => {
            "reqwest reads SSL_CERT_FILE with native-tls and rustls-native-certs, and nothing at all with \
             webpki-roots: hand {ca_file} to the setting that becomes `add_root_certificate`"
        }
        _ => {
            "SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, NODE_EXTRA_CA_CERTS and Java's trustStore are set: \
             hand {ca_file} to the setting in which it takes an authority of its own"
        }
    };
    text.to_owned()
}

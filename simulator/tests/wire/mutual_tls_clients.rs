//! Client certificates at the edge, shown by curl, OpenSSL, Python and Node. Where one of them is not
//! installed, its test says so on stderr and is skipped.

use std::io::Write;
use std::process::Stdio;

use snowproof_simulator::connection::certificates::ClientLeaf;
use snowproof_simulator::setup::GivenCertificate;
use snowproof_simulator::simulator::Running;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::mutual_tls::{own, start};
use crate::stage::LIST;
use crate::tls_clients::{ca_file, path, run};

/// The edge's pages, word for word (wire-failures 3, KB0960308; the second *assumed* after nginx).
const REFUSED: &str = "<html><head><title>400 The SSL certificate error</title></head><body><center><h1>400 Bad Request</h1></center><center>The SSL certificate error</center><hr><center>snow_adc</center></body></html>";
const MISSING: &str = "<html><head><title>400 No required SSL certificate was sent</title></head><body><center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center><hr><center>snow_adc</center></body></html>";

fn pem(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_shows_its_certificate() {
    for (kind, status) in [
        (GivenCertificate::Valid, "200"),
        (GivenCertificate::SelfSigned, "400"),
        (GivenCertificate::Expired, "400"),
    ] {
        let (running, leaf) = start("requires", own(), kind).await;
        let (ca, own, key) = (ca_file(), pem(&leaf.certificate_pem), pem(&leaf.key_pem));
        let url = format!(
            "{}{LIST}",
            running.addresses["main"].base_url().trim_end_matches('/')
        );
        let (ca, own, key) = (path(&ca), path(&own), path(&key));
        let arguments = [
            "-sS",
            "--cacert",
            &ca,
            "--cert",
            &own,
            "--key",
            &key,
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            &url,
        ];
        for version in ["--tls-max", "--tlsv1.3"] {
            let version = match version {
                "--tls-max" => &["--tls-max", "1.2"][..],
                _ => &["--tlsv1.3"],
            };
            let Some(said) = run("curl", &[version, &arguments].concat()).await else {
                return;
            };
            assert_eq!(said, status, "{kind:?} {version:?}");
        }
        running.shutdown().await.unwrap();
    }
}

/// What a peer is to meet: with which certificate, status and page; no page where it is let in.
const MET: [(Option<GivenCertificate>, u16, Option<&str>); 5] = [
    (Some(GivenCertificate::Valid), 200, None),
    (Some(GivenCertificate::UnknownAuthority), 400, Some(REFUSED)),
    (Some(GivenCertificate::SelfSigned), 400, Some(REFUSED)),
    (Some(GivenCertificate::Expired), 400, Some(REFUSED)),
    (None, 400, Some(MISSING)),
];

/// Files of what a peer shows, its authority first.
struct Shown {
    ca: NamedTempFile,
    own: Option<(NamedTempFile, NamedTempFile)>,
}

impl Shown {
    fn of(leaf: Option<&ClientLeaf>) -> Self {
        let own = leaf.map(|leaf| (pem(&leaf.certificate_pem), pem(&leaf.key_pem)));
        Self { ca: ca_file(), own }
    }

    /// Certificate and key; empty where none is shown.
    fn own(&self) -> [String; 2] {
        match &self.own {
            Some((certificate, key)) => [path(certificate), path(key)],
            None => [String::new(), String::new()],
        }
    }
}

fn meets(said: &str, status: u16, page: Option<&str>) -> bool {
    said.contains(&format!("HTTP/1.1 {status} ")) && page.is_none_or(|page| said.contains(page))
}

async fn each(peer: &str, ask: impl AsyncFn(&Running, &Shown) -> Option<String>) {
    for (kind, status, page) in MET {
        let issued = kind.unwrap_or(GivenCertificate::Valid);
        let (running, leaf) = start("requires", own(), issued).await;
        let shown = Shown::of(kind.map(|_| &leaf));
        let Some(said) = ask(&running, &shown).await else {
            return;
        };
        assert!(meets(&said, status, page), "{peer} {kind:?}: {said}");
        assert!(
            !said.contains("result") || status == 200,
            "{peer} {kind:?}: {said}"
        );
        running.shutdown().await.unwrap();
    }
}

/// What a program makes of its arguments and this input; none where it is not installed.
async fn told(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let spawned = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let line = format!("skipped: {program} cannot be run: {error}\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let said = [output.stdout, output.stderr];
    Some(
        said.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openssl_meets_what_its_certificate_deserves() {
    each("openssl", async |running, shown| {
        let address = &running.addresses["main"];
        let connect = address.https.to_string();
        let ca = path(&shown.ca);
        let [certificate, key] = shown.own();
        // Quiet, it goes on until the other side closes.
        let mut arguments = vec!["s_client", "-quiet", "-CAfile", &ca, "-connect", &connect];
        if !certificate.is_empty() {
            arguments.extend(["-cert", &certificate, "-key", &key]);
        }
        let host = &address.host;
        let request = format!("GET {LIST} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        told("openssl", &arguments, &request).await
    })
    .await;
}

/// Prints the status line and the body of what a certificate gets.
const PYTHON: &str = "
import http.client, ssl, sys
ca, cert, key, port, target = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
if cert:
    context.load_cert_chain(cert, key)
call = http.client.HTTPSConnection('localhost', int(port), context=context)
call.request('GET', target)
answer = call.getresponse()
print(f'HTTP/1.1 {answer.status} {answer.reason}')
print(answer.read().decode())
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_meets_what_its_certificate_deserves() {
    each("python3", async |running, shown| {
        let port = running.addresses["main"].https.port().to_string();
        let [certificate, key] = shown.own();
        let ca = path(&shown.ca);
        run(
            "python3",
            &["-c", PYTHON, &ca, &certificate, &key, &port, LIST],
        )
        .await
    })
    .await;
}

/// The same.
const NODE: &str = "
const [ca, cert, key, port, path] = process.argv.slice(1);
const read = (file) => file ? require('fs').readFileSync(file) : undefined;
require('https').get(
  { host: 'localhost', port, path, ca: read(ca), cert: read(cert), key: read(key), agent: false },
  (answer) => {
    console.log(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`);
    answer.pipe(process.stdout);
  },
);
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_meets_what_its_certificate_deserves() {
    each("node", async |running, shown| {
        let port = running.addresses["main"].https.port().to_string();
        let [certificate, key] = shown.own();
        let ca = path(&shown.ca);
        run("node", &["-e", NODE, &ca, &certificate, &key, &port, LIST]).await
    })
    .await;
}

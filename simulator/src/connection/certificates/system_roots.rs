//! Where operating systems keep the roots they trust, as one PEM file.

use std::fs;

/// Debian and Alpine, Fedora, SUSE, macOS, FreeBSD.
const FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The first such file that can be read.
pub(super) fn pem() -> Option<String> {
    FILES.iter().find_map(|file| fs::read_to_string(file).ok())
}

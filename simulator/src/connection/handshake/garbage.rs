//! Bytes that are neither TLS nor HTTP.

/// The banner of another service, as when a name or a forwarded port leads to the wrong one.
/// *Assumed*: nobody says what stands there.
pub(super) const BANNER: &[u8] = b"SSH-2.0-OpenSSH_9.2\r\n";

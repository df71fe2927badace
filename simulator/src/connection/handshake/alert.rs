//! A fatal alert, in a record of its own (RFC 8446, 6).

/// None of the offered ciphers is acceptable.
pub(super) const HANDSHAKE_FAILURE: u8 = 40;
/// Access control denies the caller.
pub(super) const ACCESS_DENIED: u8 = 49;
/// None of the offered versions is acceptable.
pub(super) const PROTOCOL_VERSION: u8 = 70;
/// An error that has nothing to do with the caller.
pub(super) const INTERNAL_ERROR: u8 = 80;
/// No server of the name that is asked for.
pub(super) const UNRECOGNIZED_NAME: u8 = 112;
/// None of the offered protocols is spoken.
pub(super) const NO_APPLICATION_PROTOCOL: u8 = 120;

pub(super) fn fatal(description: u8) -> Vec<u8> {
    const ALERT: u8 = 21;
    const FATAL: u8 = 2;
    vec![ALERT, 3, 3, 0, 2, FATAL, description]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_a_record_of_two_bytes() {
        assert_eq!(fatal(PROTOCOL_VERSION), [0x15, 3, 3, 0, 2, 2, 70]);
    }
}

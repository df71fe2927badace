//! What a caller shows as a password, with the code of an authenticator behind it or without.

use std::time::Duration;

use super::authenticator::DIGITS;
use super::{Policy, User};
use crate::store::text::fold;

/// What a caller showed as a user's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownPassword {
    /// All that is asked for.
    Right,
    /// All that is asked for, with the code of this step of time.
    WithCode(u64),
    /// The password alone, or with a wrong code, where a code must follow it.
    WithoutCode,
    /// Something else.
    Wrong,
}

impl Policy {
    /// What was shown as the user's password at this UNIX time. A code that must follow it is its
    /// last six digits (wire-failures 1.2); that one which is not asked for makes the password wrong
    /// is *assumed*.
    #[must_use]
    pub fn shown_password(&self, user: &User, shown: &str, unix: Duration) -> ShownPassword {
        let alone = self.password_matches(&user.user_name, shown);
        if !user.mfa_required {
            return match alone {
                true => ShownPassword::Right,
                false => ShownPassword::Wrong,
            };
        }
        let at = shown.len().saturating_sub(DIGITS);
        let Some((password, code)) = shown
            .split_at_checked(at)
            .filter(|(_, code)| code.bytes().all(|digit| digit.is_ascii_digit()))
        else {
            return match alone {
                true => ShownPassword::WithoutCode,
                false => ShownPassword::Wrong,
            };
        };
        let right = self.password_matches(&user.user_name, password);
        let account = self.users.get(&fold(&user.user_name));
        let step = account
            .and_then(|account| account.authenticator.as_ref())
            .and_then(|authenticator| authenticator.step_of(code, unix));
        match (right, step, alone) {
            (true, Some(step), _) => ShownPassword::WithCode(step),
            (true, None, _) | (false, _, true) => ShownPassword::WithoutCode,
            (false, _, false) => ShownPassword::Wrong,
        }
    }
}

//! What a caller shows as a password, with the code of an authenticator behind it or without.

use super::{Policy, User};
use crate::store::records::password;
use crate::store::text::fold;

/// Digits of an authenticator's code.
pub(crate) const MFA_DIGITS: usize = 6;

/// What a caller showed as a user's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownPassword {
    /// All that is asked for.
    Right,
    /// The password alone, or with a wrong code, where a code must follow it.
    WithoutCode,
    /// Something else.
    Wrong,
}

impl Policy {
    /// What was shown as the user's password. A code that must follow it is its last six digits
    /// (wire-failures 1.2); that one which is not asked for makes the password wrong is *assumed*.
    #[must_use]
    pub fn shown_password(&self, user: &User, shown: &str) -> ShownPassword {
        let account = self.users.get(&fold(&user.user_name));
        let alone = self.password_matches(&user.user_name, shown);
        if !user.mfa_required {
            return match alone {
                true => ShownPassword::Right,
                false => ShownPassword::Wrong,
            };
        }
        let at = shown.len().saturating_sub(MFA_DIGITS);
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
        let code_matches =
            account.is_some_and(|account| password::matches(&account.mfa_code.0, code));
        match (right, code_matches, alone) {
            (true, true, _) => ShownPassword::Right,
            (true, false, _) | (false, _, true) => ShownPassword::WithoutCode,
            (false, _, false) => ShownPassword::Wrong,
        }
    }
}

//! What follows from failed logins: two script actions, of which an instance has one in force
//! (wire-failures 1.4, Specify lockout for failed login attempts).

use std::time::Duration;

use rusqlite::Connection;

use super::Policy;
use super::compile::rows;
use crate::store::StoreError;

/// The script action that locks an account until somebody opens it.
pub(crate) const LOCKS: &str = "SNC User Lockout Check";
/// The script action that locks an account for a time. Where both are in force this one decides
/// (*assumed*).
pub(crate) const LOCKS_FOR_A_TIME: &str = "SNC User Lockout Check with Auto Unlock";

/// What is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Lockout {
    /// Failed logins lock nobody.
    Never,
    /// They lock until somebody opens the account.
    UntilOpened,
    /// They lock for the time of the property `glide.user.unlock_timeout_in_mins`.
    #[default]
    ForATime,
}

impl Lockout {
    pub(super) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let active = rows(
            connection,
            "SELECT name FROM sysevent_script_action WHERE active = 'true'",
        )?;
        let has = |name: &str| active.iter().any(|[active]| active == name);
        Ok(match (has(LOCKS_FOR_A_TIME), has(LOCKS)) {
            (true, _) => Self::ForATime,
            (false, true) => Self::UntilOpened,
            (false, false) => Self::Never,
        })
    }
}

impl Policy {
    /// `glide.user.max_unlock_attempts`: failed logins that lock an account; 0 where none do.
    /// Default 5.
    #[must_use]
    pub fn max_unlock_attempts(&self) -> u32 {
        if self.lockout == Lockout::Never {
            return 0;
        }
        let set = self.property("glide.user.max_unlock_attempts");
        set.and_then(|attempts| attempts.trim().parse().ok())
            .unwrap_or(5)
    }

    /// `glide.user.unlock_timeout_in_mins`: how long failed logins lock an account out; none where
    /// only an administrator opens it. Default 15 minutes (wire-failures 1.4).
    #[must_use]
    pub fn unlock_timeout(&self) -> Option<Duration> {
        if self.lockout != Lockout::ForATime {
            return None;
        }
        let set = self.property("glide.user.unlock_timeout_in_mins");
        let minutes = set.and_then(|minutes| minutes.trim().parse().ok());
        Some(Duration::from_secs(
            60 * u64::from(minutes.unwrap_or(15_u32)),
        ))
    }
}

//! What it tells its user, and when.

/// Which of several failures of one read is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// What the instance answered, even where the connection broke later.
    FirstCause,
    /// Whatever came last.
    LastError,
}

/// What is blamed for a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// What the wire shows.
    WhatIsFound,
    /// The password, whenever the instance answers with a page instead of data.
    PasswordForPages,
    /// The instance, whatever it is.
    AlwaysTheInstance,
    /// The password, whenever something is forbidden.
    PasswordForForbidden,
    /// The instance, where a refusal is not spelled as expected.
    InstanceForOtherSpelling,
}

/// What is said about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The outcome and the diagnosis.
    Tell,
    /// The diagnosis, and success as the outcome.
    ClaimSuccess,
    /// Success, and nothing else.
    SayNothing,
    /// Not even a result.
    Vanish,
}

/// What the exit status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// What the result says.
    AsReported,
    /// Failure, whatever the result says.
    AlwaysFailure,
}

/// What is told on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Retries.
    Normal,
    /// Every request and every page.
    Chatty,
    /// The settings, password included.
    WithPassword,
    /// The tokens that it was granted.
    WithTokens,
}

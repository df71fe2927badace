//! The checks: what a good connector does, decided from evidence alone.
//!
//! A check is one file: its settings, what it demands, and a pure function from evidence to a
//! [`Ruling`]. Adding one is that file and one line in the list at the end of this one.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

mod acts;
#[cfg(test)]
pub(crate) mod synthetic;
pub(crate) mod telling;
pub(crate) mod wire;

/// A check.
pub trait Check {
    /// What a scenario may set.
    type Settings: Clone + Default + DeserializeOwned + Serialize + JsonSchema;

    /// Its name in scenarios and reports, kebab-case.
    const ID: &'static str;
    /// How grave a failure is.
    const SEVERITY: Severity;
    /// What it says something about.
    const AXIS: Axis;
    /// What it demands, in one sentence that starts with a verb.
    const DEMANDS: &'static str;
    /// Whether a failure is one whatever else went wrong: a secret that was given away is given
    /// away, also where the scenario's failure was not met or something is not modelled.
    const STANDS_ALONE: bool = false;
    /// Whether it looks at more than the wire and the words: at how the process ended, at its
    /// outcome, at its output and files. Of a subject that runs elsewhere these are not known.
    const OF_THE_PROCESS: bool = false;

    /// Decides. Pure: the same evidence gives the same ruling.
    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling;
}

/// How grave a failed check is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A failure fails the scenario.
    Must,
    /// A failure warns; with `--strict` it fails.
    Should,
}

/// What a check says something about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// What the user is told.
    Diagnosis,
    /// What is tried again, and when.
    Retry,
    /// What is delivered, and what is given away.
    DataAndSafety,
    /// Whether the scenario did what it is about.
    Harness,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The decision.
    pub result: CheckResult,
    /// What was demanded here, with its numbers.
    pub expected: String,
    /// What was seen instead, or seen as demanded.
    pub observed: String,
    /// Journal entries that decided it, by `seq`.
    pub evidence: Vec<u64>,
}

impl Ruling {
    fn of(
        result: CheckResult,
        expected: impl Into<String>,
        observed: impl Into<String>,
        evidence: impl IntoIterator<Item = u64>,
    ) -> Self {
        let mut evidence: Vec<u64> = evidence.into_iter().collect();
        evidence.sort_unstable();
        evidence.dedup();
        evidence.truncate(Self::MAX_EVIDENCE);
        Self {
            result,
            expected: expected.into(),
            observed: observed.into(),
            evidence,
        }
    }

    /// It does not apply: what is missing goes into `observed`.
    fn not_applicable(observed: impl Into<String>) -> Self {
        Self::of(CheckResult::NotApplicable, "", observed, [])
    }

    /// It is set, and asks for what is not the subject's task.
    pub(crate) fn out_of_scope(why: &str) -> Self {
        Self::not_applicable(format!("{OUT_OF_SCOPE}{why}"))
    }

    /// The most journal entries that are named.
    const MAX_EVIDENCE: usize = 64;
}

/// The decision of one check.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// It holds.
    Pass,
    /// There was nothing to which it applies.
    NotApplicable,
    /// Too few samples to say (checks of severity `should` only).
    NotMeasured,
    /// It cannot be decided from this evidence.
    Inconclusive,
    /// It does not hold.
    Fail,
}

/// How it is said of a check or a scenario that it asks for what is not the subject's task.
pub(crate) const OUT_OF_SCOPE: &str = "not its task: ";

/// What of every check can be told without its settings' type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Its name in scenarios and reports.
    pub id: &'static str,
    /// How grave a failure is.
    pub severity: Severity,
    /// What it says something about.
    pub axis: Axis,
    /// What it demands.
    pub demands: &'static str,
    /// Whether a failure is one whatever else went wrong.
    pub stands_alone: bool,
    /// Whether it looks at the process.
    pub of_the_process: bool,
}

impl About {
    /// Whether a manifest may say that this is not its subject's task: no secret is given away by
    /// anybody, and what a run was worth is not for the subject to say.
    #[must_use]
    pub fn may_be_out_of_scope(&self) -> bool {
        !self.stands_alone && self.axis != Axis::Harness
    }
}

/// Settings of a check that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

macro_rules! checks {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        $(mod $module;)+

        /// The checks of a scenario by name, with their settings. In a variant `null` removes one.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Checks {
            $(
                #[doc = concat!("See `checks/", stringify!($module), ".rs`.")]
                #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
                pub $module: Option<Option<<$module::$name as Check>::Settings>>,
            )+
        }

        impl Checks {
            /// Every check there is, in the order in which they are listed and reported.
            pub const ALL: &'static [About] = &[$(About {
                id: <$module::$name as Check>::ID,
                severity: <$module::$name as Check>::SEVERITY,
                axis: <$module::$name as Check>::AXIS,
                demands: <$module::$name as Check>::DEMANDS,
                stands_alone: <$module::$name as Check>::STANDS_ALONE,
                of_the_process: <$module::$name as Check>::OF_THE_PROCESS,
            }),+];

            /// Decides every check that is set, in order.
            ///
            /// What a journal that ends before its acts shows is only a part: there, whatever
            /// does not fail is inconclusive.
            #[must_use]
            pub fn decide(&self, evidence: &Evidence) -> Vec<(About, Ruling)> {
                let complete = wire::is_complete(evidence);
                let blind = evidence.is_of_the_wire_alone();
                let mut rulings = Vec::new();
                $(
                    if let Some(Some(settings)) = &self.$module {
                        rulings.push((
                            About {
                                id: <$module::$name as Check>::ID,
                                severity: <$module::$name as Check>::SEVERITY,
                                axis: <$module::$name as Check>::AXIS,
                                demands: <$module::$name as Check>::DEMANDS,
                                stands_alone: <$module::$name as Check>::STANDS_ALONE,
                                of_the_process: <$module::$name as Check>::OF_THE_PROCESS,
                            },
                            if blind && <$module::$name as Check>::OF_THE_PROCESS {
                                Ruling::not_applicable(UNSEEN)
                            } else {
                                whole($module::$name::decide(settings, evidence), complete)
                            },
                        ));
                    }
                )+
                rulings
            }
        }
    };
}

/// What is published of a check, by its name.
#[must_use]
pub fn about(id: &str) -> Option<&'static About> {
    Checks::ALL.iter().find(|about| about.id == id)
}

impl Checks {
    /// These checks, and those that every scenario implies by what it expects: that its failure
    /// was met, its outcome, its diagnosis and the false leads. One that is removed by an explicit
    /// `null` stays removed, save the first.
    #[must_use]
    pub fn with_implied(&self) -> Self {
        let mut checks = self.clone();
        checks.fault_was_exercised = Some(Some(NoSettings {}));
        checks
            .outcome_as_expected
            .get_or_insert(Some(NoSettings {}));
        checks.diagnosis_class.get_or_insert(Some(NoSettings {}));
        checks.diagnosis_never.get_or_insert(Some(NoSettings {}));
        checks
    }
}

/// Why a check of the process does not apply to a subject that runs elsewhere.
const UNSEEN: &str = "it runs elsewhere: its outcome, its end and its output are not seen";

/// What it means that something never came: nothing, where the journal is cut.
fn absent(evidence: &Evidence) -> CheckResult {
    if wire::is_complete(evidence) {
        CheckResult::Fail
    } else {
        CheckResult::Inconclusive
    }
}

fn whole(ruling: Ruling, complete: bool) -> Ruling {
    if complete || ruling.result == CheckResult::Fail {
        return ruling;
    }
    Ruling {
        result: CheckResult::Inconclusive,
        observed: format!("{} (the journal ends before the acts do)", ruling.observed),
        ..ruling
    }
}

/// Keeps an explicit `null` apart from an absent key.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

checks! {
    fault_was_exercised::FaultWasExercised,
    outcome_as_expected::OutcomeAsExpected,
    diagnosis_class::DiagnosisClass,
    diagnosis_never::DiagnosisNever,
    diagnosis_names_fact::DiagnosisNamesFact,
    diagnosis_first_cause::DiagnosisFirstCause,
    diagnosis_within::DiagnosisWithin,
    offers_next_step::OffersNextStep,
    quiet_diagnosis::QuietDiagnosis,
    exit_status_consistent::ExitStatusConsistent,
    waits_at_least_retry_after::WaitsAtLeastRetryAfter,
    no_request_inside_window::NoRequestInsideWindow,
    retry_after_not_multiplied::RetryAfterNotMultiplied,
    backoff_floor::BackoffFloor,
    bounded_attempts::BoundedAttempts,
    retries_transient::RetriesTransient,
    retry_budget::RetryBudget,
    stops_hammering_when_down::StopsHammeringWhenDown,
    gives_up_within::GivesUpWithin,
    silent_after_give_up::SilentAfterGiveUp,
    attempt_timeout_set::AttemptTimeoutSet,
    no_retry_on_401_basic::NoRetryOn401Basic,
    no_retry_on_403::NoRetryOn403,
    no_account_lockout::NoAccountLockout,
    no_retry_on_certificate_failure::NoRetryOnCertificateFailure,
    no_lost_records::NoLostRecords,
    no_duplicate_records::NoDuplicateRecords,
    no_silent_truncation::NoSilentTruncation,
    rejects_200_non_json::Rejects200NonJson,
    stable_order_paging::StableOrderPaging,
    pages_past_short_page::PagesPastShortPage,
    resumes_from_checkpoint::ResumesFromCheckpoint,
    no_secret_in_output::NoSecretInOutput,
    no_secret_in_url::NoSecretInUrl,
    credential_never_sent_in_clear::CredentialNeverSentInClear,
    no_duplicate_create::NoDuplicateCreate,
    no_lost_write::NoLostWrite,
    replay_exactly_once::ReplayExactlyOnce,
    says_verification_is_off::SaysVerificationIsOff,
    preflight_url::PreflightUrl,
    no_retry_on_404::NoRetryOn404,
    no_retry_on_400::NoRetryOn400,
    retry_after_zero_no_hot_loop::RetryAfterZeroNoHotLoop,
    retry_after_bad_value_falls_back::RetryAfterBadValueFallsBack,
    retry_after_beyond_cap::RetryAfterBeyondCap,
    backoff_grows::BackoffGrows,
    jitter_present::JitterPresent,
    recovers_after_202::RecoversAfter202,
    rejects_error_in_success::RejectsErrorInSuccess,
    page_shrunk_after_quota::PageShrunkAfterQuota,
    concurrency_reduced_after_429::ConcurrencyReducedAfter429,
    no_synchronised_retry::NoSynchronisedRetry,
    refresh_on_401::RefreshOn401,
    single_token_refresh_per_expiry::SingleTokenRefreshPerExpiry,
    no_refresh_loop::NoRefreshLoop,
    no_refresh_per_request::NoRefreshPerRequest,
    no_retry_on_token_error::NoRetryOnTokenError,
    no_token_call_after_403::NoTokenCallAfter403,
    form_encoded_token_request::FormEncodedTokenRequest,
    no_credentials_in_token_url::NoCredentialsInTokenUrl,
    secret_sent_as_meant::SecretSentAsMeant,
    state_verified::StateVerified,
    uses_proof_key::UsesProofKey,
    reads_identity::ReadsIdentity,
    tries_refresh_token::TriesRefreshToken,
    api_key_in_header::ApiKeyInHeader,
    no_blanked_fields::NoBlankedFields,
    provisioning_idempotent::ProvisioningIdempotent,
    diagnosis_distinguishes::DiagnosisDistinguishes,
    no_retry_on_refused_handshake::NoRetryOnRefusedHandshake,
    code_exchanged_once::CodeExchangedOnce,
    writes_as_expected_user::WritesAsExpectedUser,
    no_auth_header_across_redirect::NoAuthHeaderAcrossRedirect,
    no_downgrade_redirect::NoDowngradeRedirect,
    no_duplicate_journal_entries::NoDuplicateJournalEntries,
    no_lost_changes::NoLostChanges,
    reads_changes_alone::ReadsChangesAlone,
    backoff_capped::BackoffCapped,
    rate_reduced_after_429::RateReducedAfter429,
}

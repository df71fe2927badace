//! Verdicts of told runs, and the laws every verdict keeps.

use proptest::prelude::*;
use snowproof_protocol::{Outcome, Verb};
use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Action, Certificate};

use super::*;
use crate::checks::Checks;
use crate::checks::synthetic::Run;
use crate::diagnosis::Class;
use crate::evidence::{ProcessEnding, ProcessProblem};
use crate::scenario::{ExpectedOutcome, Witness};
use crate::subject::Route;

fn checks(names: &[&str]) -> Checks {
    let map: serde_json::Map<String, serde_json::Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), serde_json::json!({})))
        .collect();
    serde_json::from_value(map.into()).unwrap()
}

fn every_check() -> Checks {
    let names: Vec<&str> = Checks::ALL.iter().map(|about| about.id).collect();
    checks(&names)
}

/// A check that failed and said so, with a hot loop of retries in it.
fn hot_loop() -> Run {
    let mut run = Run::sync();
    run.evidence.scenario.checks = checks(&["backoff-floor", "retry-after-not-multiplied"]);
    for _ in 0..4 {
        run.get("/api/now/table/t").fails(503, Condition::Scripted);
    }
    run.get("/api/now/table/t").ok();
    run.end();
    run
}

fn healthy() -> Run {
    let mut run = Run::check();
    run.evidence.scenario.outcome = ExpectedOutcome::Success;
    run.get("/api/now/table/t").ok();
    run.end();
    run
}

fn verdict(run: &Run) -> Verdict {
    judge(&run.evidence(), false).verdict
}

#[test]
fn a_healthy_run_passes() {
    let judged = judge(&healthy().evidence(), true);
    assert_eq!(judged.verdict, Verdict::Pass);
    assert_eq!(judged.reason, None);
    assert_eq!(judged.axes.diagnosis, Verdict::Pass);
    assert_eq!(judged.axes.retry, Verdict::NotApplicable);
}

#[test]
fn a_must_fails_its_axis_and_the_whole() {
    let judged = judge(&hot_loop().evidence(), false);
    assert_eq!(judged.verdict, Verdict::Fail);
    assert_eq!(judged.axes.retry, Verdict::Fail);
    assert_eq!(judged.axes.data_and_safety, Verdict::NotApplicable);
}

#[test]
fn a_should_warns_and_fails_only_when_strict() {
    let mut run = Run::sync();
    run.evidence.scenario.checks = checks(&["retry-after-not-multiplied"]);
    run.get("/api/now/table/t").rate_limited("1");
    run.wait(60_000);
    run.get("/api/now/table/t").ok();
    run.end();
    assert_eq!(judge(&run.evidence(), false).verdict, Verdict::Warn);
    assert_eq!(judge(&run.evidence(), true).verdict, Verdict::Fail);
}

#[test]
fn an_unmet_failure_decides_nothing() {
    let mut run = hot_loop();
    run.evidence.scenario.met.insert("hibernating".into(), 1);
    let judged = judge(&run.evidence(), true);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert_eq!(judged.axes.retry, Verdict::Inconclusive);
    assert!(judged.reason.unwrap().contains("hibernating"));
}

#[test]
fn what_is_not_modelled_never_counts_against_a_connector() {
    let mut run = hot_loop();
    run.unmodelled("sysparm_query operator DYNAMIC");
    run.act().problems.push(ProcessProblem::NoResult);
    let judged = judge(&run.evidence(), true);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(!format!("{:?}", judged.axes).contains("Fail"));
    assert!(judged.reason.is_some());
}

#[test]
fn a_secret_given_away_fails_whatever_else_went_wrong() {
    let mut run = healthy();
    run.evidence.scenario.checks = checks(&["no-secret-in-output", "no-silent-truncation"]);
    run.evidence.scenario.met.insert("hibernating".into(), 1);
    assert_eq!(verdict(&run), Verdict::Inconclusive);
    run.act().secret_hits.push(crate::evidence::SecretHit {
        secret: "password".into(),
        form: "raw".into(),
        found_in: "stderr".into(),
    });
    let judged = judge(&run.evidence(), false);
    assert_eq!(judged.verdict, Verdict::Fail);
    assert_eq!(judged.axes.data_and_safety, Verdict::Fail);
    assert_eq!(judged.axes.diagnosis, Verdict::Pass);
}

#[test]
fn one_that_stays_away_is_not_judged_by_what_it_says() {
    let mut run = Run::check();
    run.evidence.scenario.outcome = ExpectedOutcome::Success;
    run.says(Outcome::Failure, Some(Class::ConfigUrl), "no such host");
    run.end();
    let act = run.act();
    act.first_contact_ns = None;
    act.problems.push(ProcessProblem::NeverConnected);
    let judged = judge(&run.evidence(), true);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    let reason = judged.reason.unwrap();
    assert!(
        reason.starts_with("bypassed the simulator: act 1"),
        "{reason}"
    );
}

#[test]
fn the_plainest_reason_is_given_first() {
    let mut run = healthy();
    run.evidence.scenario.met.insert("hibernating".into(), 1);
    let reason = |run: &Run| judge(&run.evidence(), false).reason.unwrap();
    assert_eq!(
        reason(&run),
        "not met: `hibernating` at least 1×; met `hibernating` 0×"
    );
    run.act().problems.push(ProcessProblem::NeverConnected);
    let told = reason(&run);
    assert!(
        told.starts_with("bypassed the simulator: act 1 never connected"),
        "{told}"
    );
    assert!(
        told.contains("by the route `direct`; `proxy` is the next route to try"),
        "{told}"
    );
    run.evidence.subject.route = Route::NssWrapper;
    assert!(reason(&run).contains("by the route `nss_wrapper`; no other route is left"));
}

#[test]
fn every_process_problem_has_a_verdict_and_a_reason() {
    let cases = [
        (ProcessProblem::NoResult, Verdict::Fail),
        (ProcessProblem::HalfLine { bytes: 7 }, Verdict::Fail),
        (
            ProcessProblem::BadLine {
                line: 3,
                why: "no JSON".into(),
            },
            Verdict::Fail,
        ),
        (ProcessProblem::NotImplemented, Verdict::Fail),
        (ProcessProblem::NeverConnected, Verdict::Inconclusive),
        (
            ProcessProblem::NotStarted {
                why: "no such file".into(),
            },
            Verdict::HarnessError,
        ),
        (
            ProcessProblem::Flooded {
                stream: "stdout".into(),
                bytes: 1,
            },
            Verdict::Warn,
        ),
        (ProcessProblem::OutputHeldOpen, Verdict::Warn),
        (ProcessProblem::IgnoredTerm, Verdict::Warn),
        (ProcessProblem::SingleRun, Verdict::Warn),
    ];
    for (problem, expected) in cases {
        let mut run = healthy();
        run.act().problems.push(problem.clone());
        let judged = judge(&run.evidence(), false);
        assert_eq!(judged.verdict, expected, "{problem:?}");
        assert!(judged.reason.is_some(), "{problem:?}");
    }
}

#[test]
fn many_lines_that_are_no_messages_are_told_in_short() {
    let reason = |lines: u64| {
        let mut run = healthy();
        for line in 1..=lines {
            let why = "expected value".to_owned();
            run.act()
                .problems
                .push(ProcessProblem::BadLine { line, why });
        }
        judge(&run.evidence(), false).reason.unwrap()
    };
    assert!(reason(3).ends_with("line 3 of stdout is not a message: expected value"));
    let told = reason(20);
    assert!(
        told.ends_with("at least 17 further lines of stdout are no messages"),
        "{told}"
    );
    assert_eq!(told.matches("is not a message").count(), 3, "{told}");
}

#[test]
fn one_whose_process_goes_on_is_judged_like_one_that_exited() {
    let mut run = healthy();
    let exited = judge(&run.evidence(), false);
    run.act().ending = ProcessEnding::Answered;
    run.act().exit_code = None;
    run.act().earlier_runs = 3;
    let goes_on = judge(&run.evidence(), false);
    assert_eq!(goes_on.verdict, exited.verdict);
    run.act().problems.push(ProcessProblem::NeverConnected);
    let stayed_away = judge(&run.evidence(), false);
    assert_eq!(stayed_away.verdict, Verdict::Inconclusive);
}

#[test]
fn endings_are_named() {
    for (ending, signal, expected) in [
        (ProcessEnding::OverBudget, None, Verdict::Fail),
        (ProcessEnding::Exited, Some(11), Verdict::Fail),
        (ProcessEnding::Interrupted, None, Verdict::Inconclusive),
        (ProcessEnding::NotStarted, None, Verdict::HarnessError),
        (
            ProcessEnding::KilledAsPlanned,
            Some(9),
            Verdict::NotApplicable,
        ),
    ] {
        let mut run = healthy();
        run.act().ending = ending;
        run.act().signal = signal;
        let judged = judge(&run.evidence(), false);
        assert_eq!(judged.verdict, expected, "{ending:?}");
        assert!(judged.reason.is_some(), "{ending:?}");
    }
}

#[test]
fn staying_away_is_right_where_the_settings_are_wrong() {
    let mut run = healthy();
    run.evidence.scenario.outcome = ExpectedOutcome::Failure;
    run.evidence.scenario.witness = Witness::Silence;
    run.says(Outcome::Failure, Some(Class::ConfigUrl), "no");
    run.act().problems.push(ProcessProblem::NeverConnected);
    assert_eq!(verdict(&run), Verdict::Pass);
}

#[test]
fn a_later_act_may_stay_away_where_an_earlier_one_is_the_witness() {
    let mut run = healthy();
    run.next_act(Verb::Check, false);
    run.evidence.scenario.acts[1].outcome = Some(ExpectedOutcome::Failure);
    run.says(Outcome::Failure, Some(Class::NetRefused), "refused");
    run.end();
    let act = run.act();
    act.first_contact_ns = None;
    act.problems.push(ProcessProblem::NeverConnected);
    assert_eq!(verdict(&run), Verdict::Inconclusive);
    run.evidence.scenario.witness = Witness::EarlierAct;
    assert_eq!(verdict(&run), Verdict::Pass);
    run.evidence.acts[0].first_contact_ns = None;
    run.evidence.acts[0]
        .problems
        .push(ProcessProblem::NeverConnected);
    assert_eq!(verdict(&run), Verdict::Inconclusive);
}

#[test]
fn a_scenario_without_an_applicable_check_is_not_a_pass() {
    let mut run = Run::check();
    run.get("/api/now/table/t").ok();
    run.end();
    let judged = judge(&run.evidence(), false);
    assert_eq!(judged.verdict, Verdict::NotApplicable);
    assert!(judged.reason.is_some());
}

#[test]
fn every_check_has_its_name_and_its_file() {
    for about in Checks::ALL {
        assert_eq!(crate::checks::about(about.id), Some(about));
        assert!(
            about
                .id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        );
        assert!(!about.demands.ends_with('.'), "{}", about.id);
    }
    assert_eq!(
        every_check().decide(&healthy().evidence()).len(),
        Checks::ALL.len()
    );
    assert_eq!(about("nonsense"), None);
}

/// A moment of a run, as a generator tells it.
#[derive(Debug, Clone)]
enum Moment {
    Read(u8),
    Page(u8, bool),
    Refused(u8),
    Limited(u8),
    Sleeps,
    Breaks(u8),
    Falls(u8),
    Handshake(bool),
    Wait(u16),
    Says(bool),
    NextAct(bool),
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        (0..4_u8).prop_map(Moment::Read),
        (0..4_u8, any::<bool>()).prop_map(|(page, short)| Moment::Page(page, short)),
        (0..2_u8).prop_map(Moment::Refused),
        (1..4_u8).prop_map(Moment::Limited),
        Just(Moment::Sleeps),
        (0..4_u8).prop_map(Moment::Breaks),
        (0..4_u8).prop_map(Moment::Falls),
        any::<bool>().prop_map(Moment::Handshake),
        (0..5_000_u16).prop_map(Moment::Wait),
        any::<bool>().prop_map(Moment::Says),
        any::<bool>().prop_map(Moment::NextAct),
    ]
}

fn told(moments: &[Moment]) -> Run {
    let mut run = Run::sync();
    run.evidence.scenario.checks = every_check();
    run.evidence.scenario.met.insert("rate_limited".into(), 1);
    run.evidence.scenario.diagnosis.any_of = Some(vec![Class::ThrottleRateLimit]);
    run.step("wakes", vec![Action::Wake]);
    run.truth(&["a", "b"], &["a", "b", "c"])
        .delivers(&["a", "b"]);
    for moment in moments {
        let target = |page: u8| format!("/api/now/table/t?sysparm_offset={page}");
        match *moment {
            Moment::Read(page) => run.get(&target(page)).ok(),
            Moment::Page(page, short) => {
                let hidden = u64::from(short);
                run.get(&target(page))
                    .page(u64::from(page), 1, 4, &["a"], hidden);
            }
            Moment::Refused(page) => run
                .get(&target(page))
                .fails(401, Condition::PasswordRefused),
            Moment::Limited(seconds) => run.get(&target(0)).rate_limited(&seconds.to_string()),
            Moment::Sleeps => run.get(&target(0)).fails(200, Condition::Hibernating),
            Moment::Breaks(page) => run.get(&target(page)).cut(),
            Moment::Falls(page) => run.get(&target(page)).taking(900).silent(),
            Moment::Handshake(good) => {
                let certificate = if good {
                    Certificate::Valid
                } else {
                    Certificate::Expired
                };
                run.handshake(certificate, good);
            }
            Moment::Wait(millis) => {
                run.wait(u64::from(millis));
            }
            Moment::Says(good) => {
                let outcome = if good {
                    Outcome::Success
                } else {
                    Outcome::Failure
                };
                run.says(
                    outcome,
                    (!good).then_some(Class::ThrottleRateLimit),
                    "words",
                );
            }
            Moment::NextAct(resumed) => {
                run.next_act(Verb::Sync, resumed);
            }
        }
    }
    run.end();
    run
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn judging_again_gives_the_same(moments in prop::collection::vec(moment(), 0..24)) {
        let evidence = told(&moments).evidence();
        prop_assert_eq!(judge(&evidence, false), judge(&evidence, false));
    }

    /// A shorter journal never turns a failed check, nor a failed scenario, into a passed one.
    #[test]
    fn a_cut_journal_never_turns_fail_into_pass(
        moments in prop::collection::vec(moment(), 1..24),
        cut in 0.0_f64..1.0,
    ) {
        let whole = told(&moments).evidence();
        let mut short = whole.clone();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a small length")]
        short.journal.truncate((whole.journal.len() as f64 * cut) as usize);
        let (before, after) = (judge(&whole, false), judge(&short, false));
        for (whole, short) in before.checks.iter().zip(&after.checks) {
            let was = whole.ruling.result == CheckResult::Fail;
            let is = short.ruling.result == CheckResult::Pass;
            prop_assert!(!(was && is), "{}: {:?} then {:?}", whole.id, whole.ruling, short.ruling);
        }
        if before.verdict == Verdict::Fail {
            prop_assert!(after.verdict >= Verdict::Inconclusive, "{:?}", after);
        }
    }

    /// A slower machine never turns a passed lower bound into a failed one.
    #[test]
    fn more_lag_never_fails_a_lower_bound(
        moments in prop::collection::vec(moment(), 1..24),
        lag in 0_u64..5_000,
    ) {
        let calm = told(&moments).evidence();
        let mut slow = calm.clone();
        slow.lag.p99_ms += lag;
        let lower = ["waits-at-least-retry-after", "no-request-inside-window", "backoff-floor"];
        let (before, after) = (judge(&calm, false), judge(&slow, false));
        for (calm, slow) in before.checks.iter().zip(&after.checks) {
            if lower.contains(&calm.id.as_str()) && calm.ruling.result == CheckResult::Pass {
                prop_assert_ne!(slow.ruling.result, CheckResult::Fail, "{}", calm.id);
            }
        }
    }
}

#[test]
fn who_waits_as_told_is_not_failed_for_the_end_of_its_budget() {
    let waiting = |told: &str| {
        let mut run = Run::sync();
        run.evidence.scenario.outcome = ExpectedOutcome::Any;
        run.get("/api/now/table/t").rate_limited(told);
        run.wait(20_000);
        run.act().said.outcome = None;
        run.act().ending = ProcessEnding::OverBudget;
        run.end();
        judge(&run.evidence(), false)
    };
    let told = waiting("50");
    assert_eq!(told.verdict, Verdict::Inconclusive, "{told:?}");
    assert!(
        told.reason
            .unwrap()
            .contains("waiting as the instance had told it to"),
        "says why"
    );
    for (told, why) in [
        ("3", "the time was over"),
        ("86400", "longer than it declares to wait"),
    ] {
        assert_eq!(waiting(told).verdict, Verdict::Fail, "{why}");
    }
}

#[test]
fn what_is_not_its_task_is_not_judged_and_a_secret_always_is() {
    let mut run = hot_loop();
    let why = "a program around it".to_owned();
    run.evidence
        .subject
        .out_of_scope
        .insert("backoff-floor".to_owned(), why.clone());
    let judged = judge(&run.evidence(), false);
    let check = judged
        .checks
        .iter()
        .find(|check| check.id == "backoff-floor")
        .unwrap();
    assert_eq!(check.ruling.result, CheckResult::NotApplicable);
    assert_eq!(check.ruling.observed, "not its task: a program around it");
    assert_eq!(judged.axes.retry, Verdict::NotApplicable);

    let always: Vec<&str> = Checks::ALL
        .iter()
        .filter(|about| !about.may_be_out_of_scope())
        .map(|about| about.id)
        .collect();
    assert!(always.contains(&"no-secret-in-output") && always.contains(&"fault-was-exercised"));
    for id in always {
        run.evidence
            .subject
            .out_of_scope
            .insert(id.to_owned(), why.clone());
    }
    run.evidence.scenario.checks = checks(&["no-secret-in-output"]);
    for check in judge(&run.evidence(), false).checks {
        assert!(
            !check.ruling.observed.starts_with("not its task"),
            "{}",
            check.id
        );
    }
}

#[test]
fn of_whoever_runs_elsewhere_the_wire_alone_is_judged() {
    let mut run = healthy();
    run.evidence.subject.has_words = false;
    run.evidence.subject.has_records = false;
    run.act().said = crate::evidence::Said::default();
    run.act().ending = ProcessEnding::Elsewhere;
    let judged = judge(&run.evidence(), false);
    let outcome = judged
        .checks
        .iter()
        .find(|it| it.id == "outcome-as-expected");
    assert_eq!(outcome.unwrap().ruling.result, CheckResult::NotApplicable);
    assert_ne!(judged.verdict, Verdict::Fail);

    run.act().first_contact_ns = None;
    let judged = judge(&run.evidence(), false);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reason.unwrap().contains("nothing was seen"));
}

#[test]
fn what_is_under_way_elsewhere_is_not_decided() {
    let mut run = healthy();
    run.act().ending = ProcessEnding::Elsewhere;
    let mut evidence = run.evidence();
    evidence.journal.pop();
    let judged = judge(&evidence, false);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reason.unwrap().contains("under way"));
}

//! A service that lives longer than an act: one process, asked again and again, and ended in the end.

use std::process::Stdio;

use super::{is_fine, lives, prepared, ran, snowproof};

/// It is told all of an act in what it is asked.
const DAEMON: &str = r#"schema: snowproof.subject/1
subject: daemon
adapter: http
lifetime: run
run:
  http: ["python3", "{subject_dir}/service.py", "{listen_port}"]
env: { STARTED: "{subject_dir}/started" }
service:
  ready: /health
  ask:
    check: { path: /jobs, body: { url: "{base_url}", user: "{user}", password: "{password}", ca: "{ca_file}", table: "{table}" } }
    sync: { path: /jobs, body: { url: "{base_url}", user: "{user}", password: "{password}", ca: "{ca_file}", table: "{table}", state: "{state_file}", sink: "{sink_url}" } }
  status: { path: "/jobs/{job}", job: /id, state: /state, success: [done], failure: [failed] }
  reset: { path: /reset }
capabilities: [check, sync, basic, resume]
diagnosis:
  read_from: [{ stdout_json: /error/message }]
  map: [{ match: "HTTP Error 401", class: auth.invalid_credentials }]
records: { sink: true, key: /sys_id }
"#;

/// The same with something wrong with it.
fn that(mode: &str) -> String {
    DAEMON.replace(
        "\"{listen_port}\"]",
        &format!("\"{{listen_port}}\", {mode}]"),
    )
}

/// The same with its settings in its environment, for each scenario anew.
fn of_a_scenario() -> String {
    let settings =
        "env: { URL: \"{base_url}\", PASSWORD: \"{password}\", CONFIG: \"{file:config}\",";
    DAEMON
        .replace(
            "lifetime: run",
            "lifetime: scenario\nfiles: { config: { template: \"{user}\" } }",
        )
        .replace("env: {", settings)
}

#[test]
fn one_process_serves_all_scenarios_of_a_run_and_is_reset_before_each() {
    let Some(ran) = ran(DAEMON, &["profile:core", "exact:SP-A01", "exact:SP-A05"]) else {
        return;
    };
    let (mut pids, mut resets) = (Vec::new(), Vec::new());
    for run in ran.runs() {
        assert!(is_fine(run), "{run:#}");
        let folder = run["evidence"].as_str().unwrap();
        let act = format!("{}/act-1", folder.strip_prefix("evidence/").unwrap());
        pids.push(ran.pid(&act));
        resets.push(ran.status(&act)["resets"].as_u64().unwrap());
    }
    resets.sort_unstable();
    let scenarios: Vec<u64> = (1..=6).collect();
    assert_eq!(resets, scenarios, "each scenario had its own");
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    assert!(!lives(pids[0]), "it is left behind");
    assert_eq!(
        ran.run("SP-A01")["diagnosis"]["class"],
        "auth.invalid_credentials"
    );
    let printed = ran.file("SP-A05/act-2/stderr");
    assert_eq!(printed.lines().count(), 1, "of this act alone: {printed}");
}

#[test]
fn a_scenario_keeps_one_process_over_its_acts() {
    let manifest = of_a_scenario();
    let Some(ran) = ran(&manifest, &["exact:SP-A05", "exact:SP-C01", "exact:SP-A06"]) else {
        return;
    };
    let pids = [1, 2].map(|act| ran.pid(&format!("SP-A05/act-{act}")));
    assert_eq!(pids[0], pids[1]);
    assert_eq!(ran.status("SP-A05/act-2")["jobs"], 2);
    assert_eq!(ran.status("SP-A05/act-2")["resets"], 0);
    let other = ran.pid("SP-C01/act-1");
    assert_ne!(other, pids[0]);
    assert_eq!(ran.verdict("SP-C01"), "pass", "{:#}", ran.report);
    // Its second act is given another password, and this service is told it as it starts.
    let told = [1, 2].map(|act| ran.pid(&format!("SP-A06/act-{act}")));
    assert_ne!(told[0], told[1]);
    for pid in pids.into_iter().chain(told).chain([other]) {
        assert!(!lives(pid), "{pid} is left behind");
    }
}

#[test]
fn a_service_goes_down_with_its_machine_and_resumes_in_a_new_process() {
    let Some(ran) = ran(DAEMON, &["exact:SP-D02", "exact:SP-C02"]) else {
        return;
    };
    assert_eq!(ran.verdict("SP-D02"), "pass", "{:#}", ran.report);
    let first = ran.file("SP-D02/act-1/act.json");
    assert!(first.contains("killed_as_planned"), "{first}");
    assert_eq!(
        ran.status("SP-D02/act-2")["jobs"],
        1,
        "it remembers nothing"
    );
}

#[test]
fn a_service_that_ends_between_its_jobs_is_named_and_started_again() {
    let filters = ["exact:SP-C01", "exact:SP-C02", "exact:SP-A01"];
    let Some(ran) = ran(&that("dies-at-2"), &filters) else {
        return;
    };
    let words =
        ["SP-C01", "SP-C02", "SP-A01"].map(|code| ran.file(&format!("{code}/act-1/stderr")));
    let ended = "the service ended: exit status: 3\n";
    let named: Vec<_> = words.iter().filter(|text| text.contains(ended)).collect();
    assert_eq!(named.len(), 1, "{words:#?}");
    assert!(named[0].starts_with("job 2 begins\n"), "{}", named[0]);
    let served = ran.runs().iter().filter(|run| is_fine(run)).count();
    assert_eq!(served, 2, "{:#}", ran.report);
}

#[test]
fn a_job_that_hangs_is_over_its_budget_and_others_have_a_new_process() {
    let filters = [
        "exact:SP-C01",
        "exact:SP-C02",
        "exact:SP-A01",
        "--contact-within",
        "5s",
    ];
    let Some(ran) = ran(&that("hangs-at-2"), &filters) else {
        return;
    };
    let acts =
        ["SP-C01", "SP-C02", "SP-A01"].map(|code| ran.file(&format!("{code}/act-1/act.json")));
    let over = acts
        .iter()
        .filter(|act| act.contains("over_budget"))
        .count();
    assert_eq!(over, 1, "{acts:#?}");
    let served = ran.runs().iter().filter(|run| is_fine(run)).count();
    assert_eq!(served, 2, "{:#}", ran.report);
}

#[test]
fn a_reset_that_is_refused_is_no_failure_of_the_connector() {
    let Some(ran) = ran(&that("refuses-reset"), &["exact:SP-C01"]) else {
        return;
    };
    let run = ran.run("SP-C01");
    assert_eq!(run["verdict"], "harness_error", "{run:#}");
    let reason = run["reason"].as_str().unwrap();
    let told =
        "the service answered its reset `POST /reset` with 500 and not with 2xx: {\"cleared\":0";
    assert!(reason.contains(told), "{reason}");
    assert_eq!(ran.output.status.code(), Some(5));
}

#[test]
fn a_service_that_ends_before_it_is_ready_could_not_be_started() {
    let broken = DAEMON.replace("\"{listen_port}\"]", "no-port]");
    let Some(ran) = ran(&broken, &["exact:SP-C01"]) else {
        return;
    };
    let run = ran.run("SP-C01");
    assert_eq!(run["verdict"], "harness_error", "{run:#}");
    let reason = run["reason"].as_str().unwrap();
    assert!(
        reason.contains("the service ended before it was ready: exit status: 1"),
        "{reason}"
    );
    let words = ran.file("SP-C01/act-1/stderr");
    assert!(words.contains("ValueError"), "{words}");
}

#[test]
fn a_secret_in_the_log_of_a_service_is_found() {
    let Some(ran) = ran(&that("leaks"), &["exact:SP-C01", "exact:SP-C02"]) else {
        return;
    };
    for code in ["SP-C01", "SP-C02"] {
        assert_eq!(
            ran.failed(code),
            ["no-secret-in-output"],
            "{:#}",
            ran.report
        );
        let words = ran.file(&format!("{code}/act-1/stderr"));
        assert!(words.contains("login with <secret:password>\n"), "{words}");
    }
}

#[test]
fn a_secret_of_another_scenario_is_found_and_written_down_nowhere() {
    let codes = ["SP-C01", "SP-C02", "SP-A01"];
    let Some(ran) = ran(
        &that("leaks-earlier"),
        &codes
            .map(|code| format!("exact:{code}"))
            .each_ref()
            .map(String::as_str),
    ) else {
        return;
    };
    let acts = codes.map(|code| {
        let words = ran.file(&format!("{code}/act-1/stderr"));
        let told = words.lines().next().unwrap().split(' ').skip(1);
        let told: Vec<&str> = told.collect();
        let hidden = "<secret:password of another scenario>"
            .split(' ')
            .collect::<Vec<_>>();
        assert!(
            told.chunks(hidden.len()).all(|secret| secret == hidden),
            "{words}"
        );
        let status = ran.file(&format!("{code}/act-1/stdout"));
        let others = status
            .matches("<secret:password of another scenario>")
            .count();
        let own = status.matches("<secret:password>").count();
        assert_eq!((others, own), (told.len() / hidden.len(), 1), "{status}");
        let jobs = &ran.status(&format!("{code}/act-1"))["told"];
        assert_eq!(jobs.as_array().unwrap().len(), others + own);
        (
            told.len() / hidden.len(),
            ran.file(&format!("{code}/act-1/act.json")),
        )
    });
    for (earlier, act) in &acts {
        let found = act.contains("password of another scenario");
        assert_eq!(found, *earlier > 0, "{act}");
    }
    let mut earlier: Vec<usize> = acts.iter().map(|(earlier, _)| *earlier).collect();
    earlier.sort_unstable();
    assert_eq!(earlier, [0, 1, 2]);
}

#[test]
fn a_secret_in_a_file_of_a_service_is_found() {
    let Some(ran) = ran(&that("caches"), &["exact:SP-C01", "exact:SP-C02"]) else {
        return;
    };
    for code in ["SP-C01", "SP-C02"] {
        assert_eq!(
            ran.failed(code),
            ["no-secret-in-output"],
            "{:#}",
            ran.report
        );
        let act = ran.file(&format!("{code}/act-1/act.json"));
        assert!(act.contains("\"found_in\": \"cache\""), "{act}");
    }
}

#[test]
fn a_service_that_does_not_end_when_it_is_asked_to_is_killed() {
    let manifests = [
        that("ignores-term"),
        that("ignores-term").replace("lifetime: run", "lifetime: scenario"),
    ];
    for manifest in manifests {
        let Some(ran) = ran(&manifest, &["exact:SP-C01"]) else {
            return;
        };
        assert_eq!(ran.verdict("SP-C01"), "pass", "{:#}", ran.report);
        assert!(!lives(ran.pid("SP-C01/act-1")));
    }
}

#[test]
fn a_service_of_a_scenario_is_led_by_a_proxy() {
    let manifest =
        of_a_scenario().replace("lifetime: scenario", "lifetime: scenario\nroute: proxy");
    let Some(ran) = ran(&manifest, &["exact:SP-C01", "exact:SP-C02"]) else {
        return;
    };
    for code in ["SP-C01", "SP-C02"] {
        assert_eq!(ran.verdict(code), "pass", "{:#}", ran.report);
        assert!(
            ran.file(&format!("{code}/journal.jsonl"))
                .contains("service-now.com")
        );
    }
}

#[test]
fn whoever_debugs_is_told_which_process_serves() {
    let Some(folder) = prepared(DAEMON) else {
        return;
    };
    let debugged = snowproof(
        folder.path(),
        &["test", "--debug", "SP-C01", "--out", "out"],
    )
    .stdin(Stdio::null())
    .output()
    .unwrap();
    let told = String::from_utf8_lossy(&debugged.stderr).into_owned();
    assert_eq!(debugged.status.code(), Some(0), "{told}");
    let status = std::fs::read(folder.path().join("out/evidence/SP-C01/act-1/stdout")).unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status).unwrap();
    let serves = format!("the service runs: pid {}, http://127.0.0.1:", status["pid"]);
    assert!(told.contains(&serves), "{told}");
}

#[test]
fn scenarios_at_once_share_a_process_and_each_is_searched_for_its_secrets() {
    let several = |mode: &str| {
        let manifest = if mode.is_empty() {
            DAEMON.to_owned()
        } else {
            that(mode)
        };
        manifest.replace(
            "  ready: /health",
            "  ready: /health\n  scenarios_at_once: 3",
        )
    };
    let filters = [
        "exact:SP-C01",
        "exact:SP-C02",
        "exact:SP-A01",
        "exact:SP-D02",
    ];
    let Some(honest) = ran(&several(""), &filters) else {
        return;
    };
    for run in honest.runs() {
        assert!(is_fine(run), "{run:#}");
    }
    let leaking = ran(&several("leaks"), &["exact:SP-C01", "exact:SP-C02"]).unwrap();
    for code in ["SP-C01", "SP-C02"] {
        assert_eq!(leaking.failed(code), ["no-secret-in-output"]);
        assert_eq!(
            leaking.file(&format!("{code}/act-1/stderr")),
            "",
            "it is of no act"
        );
    }
}

#[test]
fn an_interrupted_run_leaves_no_service_behind() {
    for manifest in [
        that("hangs"),
        that("hangs").replace("lifetime: run", "lifetime: scenario"),
    ] {
        let Some(folder) = prepared(&manifest) else {
            return;
        };
        let started = folder.path().join("started");
        let made = std::process::Command::new("mkfifo").arg(&started).status();
        assert!(made.unwrap().success());
        let mut running = snowproof(folder.path(), &["test", "--out", "out", "exact:SP-C01"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Opening a pipe for reading waits for its writer.
        let service: u64 = std::fs::read_to_string(&started).unwrap().parse().unwrap();
        assert!(lives(service));
        let id = running.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &id])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(running.wait().unwrap().code(), Some(130));
        assert!(!lives(service), "{service} is left behind");
    }
}

#[test]
fn doctor_finds_nothing_wrong_with_a_daemon_and_says_what_no_route_can_do() {
    let Some(folder) = prepared(DAEMON) else {
        return;
    };
    let examined = snowproof(folder.path(), &["doctor"]).output().unwrap();
    let told = String::from_utf8_lossy(&examined.stdout).into_owned();
    assert_eq!(examined.status.code(), Some(0), "{told}");
    let every = snowproof(folder.path(), &["doctor", "--every-route"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&every.stdout).into_owned();
    assert!(
        told.contains("the route `proxy` leads each scenario its own way"),
        "{told}"
    );
}

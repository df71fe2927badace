//! A real browser on pages of this machine.
//!
//! Where no Chromium is installed the test says so on stderr and is skipped; with
//! `SNOWPROOF_REQUIRE_CHROMIUM` or `SNOWPROOF_REQUIRE_SUBJECTS` set it fails instead.
#![expect(clippy::unwrap_used, reason = "what a test relies upon must hold")]

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use snowproof_browser::{BrowserError, Chromium, Landing, Launch, find};

/// A site on loopback; gives its origin. It ends with the process.
fn site(answer: fn(&str) -> String) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A browser also opens connections in advance, and says nothing there.
            std::thread::spawn(move || serve(stream, answer));
        }
    });
    origin
}

fn serve(mut stream: TcpStream, answer: fn(&str) -> String) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let line = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    let answer = answer(line.split(' ').nth(1)?);
    stream.write_all(answer.as_bytes()).ok()
}

fn page(status: &str, head: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nConnection: close\r\n{head}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn shop(target: &str) -> String {
    match target {
        "/" => page(
            "200 OK",
            "",
            "<form action=/away method=post><label>Name<input name=n></label>\
             <button>Send</button></form><button>Twice</button><button>Twice</button>",
        ),
        "/away" => page(
            "302 Found",
            "Location: http://localhost:1/cb?code=c\r\n",
            "",
        ),
        "/none" => String::new(),
        "/gone" => page("410 Gone", "", "<title>Gone</title>"),
        "/nothing" => page("204 No Content", "", ""),
        _ => page("404 Not Found", "", "not here"),
    }
}

const fn shown(status: u16) -> Landing {
    Landing::Shown {
        status: Some(status),
    }
}

fn failed(why: &str) -> Landing {
    Landing::Failed {
        why: format!("net::{why}"),
    }
}

#[tokio::test]
async fn a_person_uses_a_browser_that_stays_on_this_machine() {
    let Ok(program) = find(None) else {
        let line = "SKIPPED a_person_uses_a_browser_that_stays_on_this_machine: chromium is not installed\n";
        let is_set = |name| std::env::var_os(name).is_some();
        let required = ["SNOWPROOF_REQUIRE_SUBJECTS", "SNOWPROOF_REQUIRE_CHROMIUM"];
        assert!(!required.into_iter().any(is_set), "{line}");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let launch = Launch {
        program,
        pin: String::new(),
        patience: Duration::from_secs(60),
    };
    let browser = Chromium::start(&launch).await.unwrap();
    assert!(browser.product().contains("Chrom"), "{}", browser.product());
    let group = browser.id();
    let origin = site(shop);
    let mut tab = browser.tab().await.unwrap();

    assert_eq!(tab.open(&format!("{origin}/")).await, Ok(shown(200)));
    let twice = tab.click("button", "Twice").await.unwrap_err();
    assert!(
        matches!(twice, BrowserError::NotOne { count: 2, .. }),
        "{twice}"
    );
    tab.fill("Name", "n").await.unwrap();
    assert_eq!(
        tab.evaluate("document.querySelector('input').value")
            .await
            .unwrap(),
        "n"
    );

    // What is not of the site is held, and nothing is asked until it is let go.
    let own = format!("{origin}/");
    tab.visits_only(Box::new(move |url| url.starts_with(&own)))
        .await
        .unwrap();
    let held = tab.click("button", "Send").await.unwrap();
    let Landing::Held { url, request } = held else {
        panic!("{held:?}")
    };
    assert_eq!(url, "http://localhost:1/cb?code=c");
    assert_eq!(tab.lets_go(&request).await, Ok(failed("ERR_UNSAFE_PORT")));
    assert_eq!(tab.open(&format!("{origin}/gone")).await, Ok(shown(410)));
    assert_eq!(tab.evaluate("document.title").await.unwrap(), "Gone");
    assert_eq!(tab.reload().await, Ok(shown(410)));
    let held = tab.open(&format!("{origin}/away")).await.unwrap();
    let Landing::Held { request, .. } = held else {
        panic!("{held:?}")
    };
    tab.gives_up(&request).await.unwrap();
    assert_eq!(
        tab.evaluate("document.title").await.unwrap(),
        "Gone",
        "it stays"
    );
    assert_eq!(tab.open(&format!("{origin}/nothing")).await, Ok(shown(204)));
    assert_eq!(
        tab.open(&format!("{origin}/none")).await,
        Ok(failed("ERR_EMPTY_RESPONSE"))
    );

    // No name is looked up, not even by a tab that may go anywhere.
    let free = browser.tab().await.unwrap();
    let away = free.open("http://app.vendor.example/").await.unwrap();
    assert_eq!(away, failed("ERR_NAME_NOT_RESOLVED"));
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let refused = free.open(&format!("http://{closed}/")).await.unwrap();
    assert_eq!(refused, failed("ERR_CONNECTION_REFUSED"));
    let localhost = origin.replace("127.0.0.1", "localhost");
    assert_eq!(free.open(&localhost).await, Ok(shown(200)));

    drop(browser);
    assert_eq!(free.open(&origin).await, Err(BrowserError::Gone));
    // They were killed; the kernel takes its time to bury the last of them.
    let patience = Instant::now() + Duration::from_secs(10);
    while !living(group).is_empty() && Instant::now() < patience {
        std::thread::yield_now();
    }
    assert_eq!(living(group), [0; 0], "all of its processes are gone");
}

#[tokio::test]
async fn what_is_no_browser_is_told_with_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("browser");
    std::fs::write(&program, "#!/bin/sh\necho no display >&2\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let launch = Launch {
        program: program.clone(),
        pin: String::new(),
        patience: Duration::from_secs(60),
    };
    let error = Chromium::start(&launch).await.unwrap_err();
    let why = "no display".to_owned();
    assert_eq!(error, BrowserError::NotStarted { program, why });
}

/// The processes of a group that still run.
fn living(group: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .filter(|id| {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let after = stat.rsplit(") ").next().unwrap_or_default();
            let mut fields = after.split(' ');
            let (state, of) = (fields.next(), fields.nth(1));
            of == Some(&group.to_string()) && !matches!(state, Some("Z" | "X") | None)
        })
        .collect()
}

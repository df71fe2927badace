//! Masks what looks like a secret in a line of somebody's log.
//!
//! Nobody said which secrets there are, so this guesses, and errs towards masking: headers that
//! carry credentials, values of telling names, the user information of URLs, `-u user:password`,
//! tokens by their form, and long runs that are no words. It is for what is shown; reading for a
//! diagnosis goes before it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

const MASK: &str = "***";

/// Each keeps its group 1 and loses the rest; the order is from the whole header to the mere form.
const PATTERNS: [&str; 8] = [
    // A header to the end of its value: of the quotation, or of the line.
    r#"(?i)(\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?)[^"'\\\r\n]+"#,
    r#"(?i)(\b(?:set-)?cookie\\?["']?\s*[:=]\s*\\?["']?)[^"'\\\r\n]+"#,
    // A name that tells, and its value: quoted, or to the next separator.
    r#"(?i)([\w.-]*(?:passw(?:or)?d|passwd|passphrase|\bpwd|secret|token|api[_-]?key|assertion|code_verifier|session_?id|sysparm_ck)[\w-]*(?:\\?["'])?\s*(?:[:=]|=>)\s*)(?:\\?"(?:[^"\\]|\\.)*"?|\\?'(?:[^'\\]|\\.)*'?|[^\s&,;}\])]+)"#,
    // The user information of a URL, also with a password that nobody encoded.
    r#"(://)(?:[^\s/?#"'<>@:]*:[^\s"'<>]*|[^\s/?#"'<>]*)@"#,
    // curl's and others' option of that kind.
    r#"((?:^|\s)(?:-u|-U|--user|--proxy-user)[ =]?)(?:"[^"]*"|'[^']*'|[^\s"':]+:\S*)"#,
    r"(?i)(\b(?:basic|bearer)\s+)[A-Za-z0-9._~+/=-]{6,}",
    r"(\b)eyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?",
    r"(\b)[A-Za-z0-9_+=-]{40,}",
];

/// The line without what looks like a secret.
pub(super) fn masked(line: &str) -> String {
    static COMPILED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        PATTERNS
            .iter()
            .filter_map(|pattern| Regex::new(pattern).ok())
            .collect()
    });
    let mut text = line.to_owned();
    for pattern in COMPILED.iter() {
        let replaced = pattern.replace_all(&text, |found: &Captures<'_>| {
            let kept = &found[1];
            let end = if kept == "://" { "@" } else { "" };
            format!("{kept}{MASK}{end}")
        });
        text = replaced.into_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in PATTERNS {
            Regex::new(pattern).unwrap();
        }
    }

    #[test]
    fn secrets_are_masked_wherever_logs_have_them() {
        for line in [
            "Authorization: Basic S3cr3t-Zt9",
            "> authorization: Bearer S3cr3t-Zt9 extra",
            "headers={'Authorization': 'Basic S3cr3t-Zt9', 'Accept': '*/*'}",
            r#"{"headers":{"Proxy-Authorization":"Basic S3cr3t-Zt9"}}"#,
            r#"{"msg":"{\"Authorization\":\"Basic S3cr3t-Zt9\"}"}"#,
            "Cookie: glide_user_route=x; JSESSIONID=S3cr3t-Zt9",
            "password=S3cr3t-Zt9",
            "grant_type=password&username=u&password=S3cr3t-Zt9&scope=x",
            "client_secret: 'S3cr3t-Zt9 with spaces'",
            r#"{"refresh_token": "S3cr3t-Zt9", "n": 1}"#,
            r#"{\"access_token\":\"S3cr3t-Zt9\"}"#,
            "SNOWPROOF_PASSWORD=S3cr3t-Zt9",
            "x-sn-apikey: S3cr3t-Zt9",
            "X-UserToken: S3cr3t-Zt9",
            "servicenow.passwd = S3cr3t-Zt9",
            "GET https://sync.user:S3cr3t-Zt9@dev1.service-now.com/api failed",
            "GET https://sync.user:S3c@r3t-Zt9@dev1.service-now.com/api failed",
            r#"{"password":"a\"S3cr3t-Zt9"}"#,
            "GET https://sync.user:S3c/r3t-Zt9@dev1.service-now.com/api failed",
            "proxy http://S3cr3t-Zt9@proxy:3128",
            "+ curl -u sync.user:S3cr3t-Zt9 https://x",
            "+ curl --user 'sync.user:S3cr3t-Zt9' https://x",
            "sent Bearer S3cr3t-Zt9.abc",
            "id eyJhbGciOiJIUzI1NiJ9.S3cr3t-Zt9.abcdef",
            "opaque S3cr3t-Zt9aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            let shown = masked(line);
            assert!(!shown.contains("r3t-Zt9"), "{line} shown as {shown}");
            assert!(shown.contains(MASK), "{shown}");
        }
    }

    #[test]
    fn plain_words_stay() {
        for line in [
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='dev1.service-now.com', port=443): Max retries exceeded with url: /api/now/table/cmdb_ci_server?sysparm_limit=10",
            "SyntaxError: Unexpected token '<', \"<html> <he\"... is not valid JSON",
            "401 Client Error: Unauthorized for url: https://dev1.service-now.com/api/now/table/incident",
            "sys_id 46d44a5cc0a8010e0000b1b2d4f3c2a1 was not found",
            "User Not Authenticated: Required to provide Auth information",
            "mail to admin@example.com was sent",
        ] {
            assert_eq!(masked(line), line);
        }
    }

    proptest! {
        #[test]
        fn a_password_of_any_letters_is_masked(secret in "[A-Za-z0-9!$%*.^~+@-]{6,30}") {
            let secret = format!("Zq{secret}");
            for line in [
                format!("password={secret}"),
                format!(r#"{{"password":"{secret}"}}"#),
                format!("https://user:{secret}@host/x"),
                format!("curl -u user:{secret} https://host"),
            ] {
                let shown = masked(&line);
                prop_assert!(!shown.contains(&secret), "{line} shown as {shown}");
            }
        }

        #[test]
        fn masking_again_changes_nothing(line in ".{0,200}") {
            let once = masked(&line);
            prop_assert_eq!(masked(&once), once);
        }
    }
}

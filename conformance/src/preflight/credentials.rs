//! A healthy instance answered 401: what it was shown is not what the connector was given.

use super::{Fault, Finding, Manifest, Trial};

const UNAUTHORIZED: u16 = 401;

pub(super) fn examine(manifest: &Manifest<'_>, trial: Trial<'_>) -> Option<Finding> {
    let act = trial.act()?;
    let all_refused = trial
        .requests()
        .all(|request| request.decision.status == Some(UNAUTHORIZED));
    let request = trial.requests().last().filter(|_| all_refused)?;
    let scheme = request.scheme.as_deref().unwrap_or("none");
    let command = manifest.command(act);
    let parameters = ["password", "api_key", "access_token", "client_secret"];
    let asked = format!("{} {}", request.method, request.target);
    if scheme == "none" {
        let texts = (
            format!("`{asked}` came without credentials"),
            "hand it {user} and {password} where it reads them: a file under `files`, a variable under `env`, or \
             an argument"
                .to_owned(),
        );
        return Some(manifest.about_placed(Fault::NoCredentials, &parameters, &command, texts));
    }
    let whose = if scheme == "basic" {
        "the user name or the password that arrived is not the one that it was given"
    } else {
        "the credentials that arrived are not those that it was given"
    };
    let texts = (
        format!("`{asked}` by {scheme}: {whose}; it was masked, cut, quoted or encoded on its way"),
        "see what becomes of this value: a template that masks secrets (`****`), a shell that expands it, quotes \
         that are sent along, or a line break at its end; and that {user} stands where the user name belongs"
            .to_owned(),
    );
    Some(manifest.about_placed(Fault::CredentialsChanged, &parameters, &command, texts))
}

//! `snowproof exec`: judges any command on one scenario, without a manifest.

use clap::Args;
use indexmap::IndexMap;
use snowproof_protocol::Parameter;

use super::driving::{Driven, Running, conclude, drive};
use super::gate::Gate;
use super::scenarios::{self, Timed};
use super::{Ended, Failure, printing};
use crate::checks::{Axis, CheckResult, Checks};
use crate::plan::Plan;
use crate::subject::{
    Adapter, Capability, Declares, DiagnosisSource, Home, Lifetime, Route, RunKey, SCHEMA, Subject,
    SubjectFile, Tables,
};

/// The table that is read unless another is named.
const TABLE: &str = "cmdb_ci_server";

/// The table that records are created in unless another is named.
const WRITE_TABLE: &str = "incident";

const EXAMPLES: &str = "\
Examples:
  snowproof exec SP-A01 -- ./mysync --url {base_url}
  snowproof exec SP-I01 -- sh -c 'curl -sSf -u \"$SNOWPROOF_USER:$SNOWPROOF_PASSWORD\" \
\"$SNOWPROOF_BASE_URL/api/now/table/$SNOWPROOF_TABLE\"'";

/// Judge a command on one scenario by what it does on the wire and by its exit status
#[derive(Debug, Args)]
#[command(after_help = help())]
pub(super) struct Arguments {
    /// The scenario, CODE or CODE/VARIANT
    #[arg(value_name = "CODE")]
    scenario: String,
    #[command(flatten)]
    sources: Timed,
    #[command(flatten)]
    running: Running,
    /// Variables that the command is given from this environment
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
    /// The table to read
    #[arg(long, value_name = "NAME", default_value = TABLE)]
    table: String,
    /// The table to create records in
    #[arg(long, value_name = "NAME", default_value = WRITE_TABLE)]
    write_table: String,
    /// How the command is brought to the instance; `snowproof doctor` says which routes work here
    #[arg(long, value_enum, value_name = "ROUTE", default_value_t)]
    route: Route,
    /// The command and its arguments
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<String>,
}

/// What the command is given, from the list of parameters itself.
fn help() -> String {
    const WIDTH: usize = 100;
    let mut lines = vec!["The command finds its settings in the environment:".to_owned()];
    let mut line = String::new();
    for parameter in Parameter::ALL {
        let unit = match parameter {
            Parameter::Timeout => " (seconds)",
            Parameter::Record => " (JSON to create)",
            Parameter::Records => " (JSON array to create)",
            _ => "",
        };
        let name = format!(" {}{unit}", variable(parameter));
        if line.len() + name.len() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(&name);
    }
    lines.push(line);
    format!(
        "{}\nSSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and NODE_EXTRA_CA_CERTS are set too. {{base_url}} and its \
         like are\nreplaced in the arguments.\n\n{EXAMPLES}",
        lines.join("\n")
    )
}

/// The variable that holds a parameter.
pub(super) fn variable(parameter: Parameter) -> String {
    format!("SNOWPROOF_{}", parameter.name().to_uppercase())
}

pub(super) async fn run(arguments: Arguments) -> Ended {
    let set = arguments.sources.load()?;
    let scenario = scenarios::named(&set, &arguments.scenario)?;
    let mut subject = bare(&arguments.command, &arguments.table, &arguments.pass_env)?;
    subject.file.tables.write.clone_from(&arguments.write_table);
    subject.file.route = arguments.route;
    let plan = Plan::new(&[scenario], &subject).map_err(|error| scenarios::failure(&error))?;
    let driven = Driven {
        plan,
        subject,
        command: arguments.repeating(),
        has_words: false,
        attendant: None,
    };
    let running = &arguments.running;
    let report = drive(driven, running, &running.out).await?;
    let status = conclude(&report, running, &Gate::default())?;
    let silent: Vec<&str> = report
        .runs
        .iter()
        .flat_map(|run| &run.checks)
        .filter(|check| check.ruling.result == CheckResult::NotApplicable)
        .map(|check| check.id.as_str())
        .filter(|id| needs_words(id))
        .collect();
    if !silent.is_empty() {
        printing::talk(&format!(
            "hint: {} need the connector's words, and checks of records need its records: write a manifest that says \
             where they are (`snowproof init --from-last`) and run `snowproof test --subject FILE`",
            silent.join(", ")
        ));
    }
    Ok(status)
}

impl Arguments {
    /// The words that repeat the scenario. What the runner fills in stays a placeholder.
    fn repeating(&self) -> Vec<String> {
        let mut words = vec!["exec".to_owned(), "{scenario}".to_owned()];
        words.extend(self.sources.repeating());
        if self.table != TABLE {
            words.extend(["--table".to_owned(), self.table.clone()]);
        }
        if self.write_table != WRITE_TABLE {
            words.extend(["--write-table".to_owned(), self.write_table.clone()]);
        }
        for name in &self.pass_env {
            words.extend(["--pass-env".to_owned(), name.clone()]);
        }
        if !self.route.is_direct() {
            words.extend(["--route".to_owned(), self.route.name().to_owned()]);
        }
        words.push("--".to_owned());
        words.extend(self.command.iter().cloned());
        words
    }
}

fn needs_words(id: &str) -> bool {
    Checks::ALL
        .iter()
        .any(|check| check.id == id && check.axis == Axis::Diagnosis)
}

/// A manifest for a command of which nothing is known.
pub(super) fn bare(
    command: &[String],
    table: &str,
    pass_env: &[String],
) -> Result<Subject, Failure> {
    let settable = Parameter::ALL.to_vec();
    let env: IndexMap<String, String> = settable
        .iter()
        .map(|parameter| (variable(*parameter), format!("{{{}}}", parameter.name())))
        .collect();
    let folder = std::env::current_dir().map_err(Failure::harness)?;
    Ok(Subject {
        file: SubjectFile {
            schema: SCHEMA.to_owned(),
            subject: command.first().cloned().unwrap_or_default(),
            about: None,
            adapter: Adapter::Command,
            version: None,
            run: [
                RunKey::Check,
                RunKey::Sync,
                RunKey::Write,
                RunKey::Connect,
                RunKey::Update,
                RunKey::Attach,
                RunKey::Email,
                RunKey::Provision,
            ]
            .into_iter()
            .map(|key| (key, absolute(command, &folder)))
            .collect(),
            files: IndexMap::new(),
            env,
            pass_env: pass_env.to_vec(),
            home: Home::Fresh,
            tables: Tables {
                default: table.to_owned(),
                ..Tables::default()
            },
            capabilities: vec![
                Capability::Check,
                Capability::Sync,
                Capability::Basic,
                Capability::Resume,
                Capability::Parallel,
                Capability::Write,
                Capability::Connect,
                Capability::OauthAuthorizationCode,
                Capability::OauthRefresh,
                Capability::OauthPassword,
                Capability::OauthClientCredentials,
                Capability::OauthJwt,
                Capability::ApiKey,
                Capability::Mtls,
                Capability::Update,
                Capability::Attach,
                Capability::Email,
                Capability::Provision,
                Capability::Batch,
            ],
            declares: Declares::default(),
            diagnosis: DiagnosisSource::default(),
            records: None,
            authorize: None,
            stream: None,
            not_supported: IndexMap::new(),
            out_of_scope: IndexMap::new(),
            route: Route::Direct,
            service: None,
            lifetime: Lifetime::Act,
        },
        folder,
        settable,
    })
}

/// The process runs in a folder of its own, so that a relative program, and every argument that
/// names a file here, is found from here.
fn absolute(command: &[String], folder: &std::path::Path) -> Vec<String> {
    let here = |word: &String| folder.join(word).display().to_string();
    let mut words = command.iter();
    let program = words.next().map(|program| match program.contains('/') {
        true => here(program),
        false => program.clone(),
    });
    let arguments = words.map(|argument| match folder.join(argument).is_file() {
        true => here(argument),
        false => argument.clone(),
    });
    program.into_iter().chain(arguments).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_variable_that_the_command_is_given() {
        let subject = bare(&["true".to_owned()], TABLE, &[])
            .unwrap_or_else(|_| panic!("a bare command is a subject"));
        let help = help();
        for name in subject.file.env.keys() {
            assert!(
                help.split([' ', '\n']).any(|word| word == name),
                "{name} is missing in {help}"
            );
        }
        assert!(help.lines().all(|line| line.len() <= 160), "{help}");
    }
}

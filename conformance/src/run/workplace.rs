//! The folders, files and environment that an act's process is given.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use snowproof_protocol::Parameter;
use snowproof_simulator::connection::certificates::{Authority, ClientLeaf};

use super::process::Launch;
use super::way::{Goal, Way, java};
use crate::subject::template::Values;
use crate::subject::{
    Adapter, Ask, FileFormat, FileTemplate, Home, RunKey, Service, ServiceOrder, Subject,
};

/// A scenario's own folder, gone when it is dropped.
pub(super) struct Workplace {
    folder: tempfile::TempDir,
}

/// The certificate files of a run.
#[derive(Debug, Clone)]
pub(super) struct Trust {
    /// The run's CA alone.
    pub(super) ca: PathBuf,
    /// The system's roots and the run's CA.
    pub(super) bundle: PathBuf,
    /// The run's CA as Java takes it.
    pub(super) truststore: PathBuf,
}

impl Trust {
    /// Writes the files.
    pub(super) fn write(authority: &Authority, folder: &Path) -> std::io::Result<Self> {
        let trust = Self {
            ca: folder.join("ca.pem"),
            bundle: folder.join("bundle.pem"),
            truststore: folder.join("truststore.p12"),
        };
        std::fs::write(&trust.ca, authority.ca_pem())?;
        std::fs::write(&trust.bundle, authority.bundle_pem())?;
        std::fs::write(&trust.truststore, authority.truststore()?)?;
        Ok(trust)
    }
}

/// The folders of one act.
pub(super) struct ActFolders {
    /// HOME and working folder.
    pub(super) home: PathBuf,
    /// For whatever the connector writes.
    pub(super) out: PathBuf,
    /// Files made from the manifest's templates.
    pub(super) files: PathBuf,
    /// Where a route may put a hosts file.
    pub(super) hosts: PathBuf,
}

impl ActFolders {
    /// Where the records are kept that a service posts.
    pub(super) fn sink(&self) -> PathBuf {
        self.out.join("sink.jsonl")
    }
}

impl Workplace {
    pub(super) fn create() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("snowproof-").tempdir()?;
        Ok(Self { folder })
    }

    /// The file in which a connector keeps its checkpoint over the acts.
    pub(super) fn state_file(&self) -> PathBuf {
        self.folder.path().join("state.json")
    }

    /// Where the client certificate is, if the connector is given one.
    pub(super) fn client_certificate(&self) -> PathBuf {
        self.folder.path().join("client.pem")
    }

    /// Where its private key is.
    pub(super) fn client_key(&self) -> PathBuf {
        self.folder.path().join("client-key.pem")
    }

    /// Writes both.
    pub(super) fn keep(&self, leaf: &ClientLeaf) -> std::io::Result<()> {
        write_private(&self.client_certificate(), leaf.certificate_pem.as_bytes())?;
        write_private(&self.client_key(), leaf.key_pem.as_bytes())
    }

    pub(super) fn act(&self, act: u32) -> std::io::Result<ActFolders> {
        self.folders(&format!("act-{act}"))
    }

    /// The folders of a service that lives longer than an act.
    pub(super) fn of_service(&self) -> std::io::Result<ActFolders> {
        self.folders("service")
    }

    fn folders(&self, name: &str) -> std::io::Result<ActFolders> {
        let root = self.folder.path().join(name);
        let folders = ActFolders {
            home: root.join("home"),
            out: root.join("out"),
            files: root.join("files"),
            hosts: root.join("hosts"),
        };
        for folder in [&folders.home, &folders.out, &folders.files] {
            private_folder(folder)?;
        }
        Ok(folders)
    }
}

/// What templates are filled with.
pub(super) fn values(
    subject: &Subject,
    parameters: BTreeMap<Parameter, String>,
    folders: &ActFolders,
) -> std::io::Result<Values> {
    Ok(Values {
        parameters,
        files: subject
            .file
            .files
            .keys()
            .map(|name| (name.clone(), folders.files.join(name)))
            .collect(),
        subject_dir: subject.folder.clone(),
        program: std::env::current_exe()?,
    })
}

/// What a file of the manifest holds.
pub(super) fn content(file: &FileTemplate, values: &Values) -> std::io::Result<String> {
    Ok(match (file.format, &file.template) {
        (FileFormat::Text, serde_json::Value::String(text)) => values.fill(text),
        (FileFormat::Text | FileFormat::Json, template) => {
            serde_json::to_string_pretty(&values.fill_json(template))?
        }
    })
}

/// Writes the manifest's files and puts the command together, and what follows it. `port` is that of
/// a service which runs already.
pub(super) fn launch(
    subject: &Subject,
    (key, further): (RunKey, &[String]),
    parameters: BTreeMap<Parameter, String>,
    folders: &ActFolders,
    (trust, way): (&Trust, &Way),
    port: Option<u16>,
) -> std::io::Result<(Launch, Values)> {
    let mut values = values(subject, parameters, folders)?;
    for (name, file) in &subject.file.files {
        let content = content(file, &values)?;
        write_private(&folders.files.join(name), content.as_bytes())?;
    }
    let command =
        subject.file.run.get(&key).ok_or_else(|| {
            std::io::Error::other(format!("there is no command `{}`", key.name()))
        })?;
    let mut launch = Launch {
        command: command
            .iter()
            .map(|argument| values.fill(argument))
            .chain(further.iter().cloned())
            .collect(),
        environment: environment(subject, &values, folders, trust),
        folder: folders.home.clone(),
        talks: subject.file.adapter == Adapter::Native,
    };
    if let Some(service) = &subject.file.service {
        let own = launch.command.len() - further.len();
        let started = if port.is_none() {
            &launch.command[..own]
        } else {
            &[]
        };
        let order = order(service, started, further, &values)?;
        let records = subject.file.records.as_ref();
        let order = ServiceOrder {
            port,
            sink: records.filter(|it| it.sink).map(|_| folders.sink()),
            ..order
        };
        launch.command = service_command(&order, further, &values, folders)?;
    }
    // Whoever asks a service that runs already has no need of a way: the service was led.
    if port.is_none() {
        way.lead(&mut launch, &goal(&values.parameters, folders))?;
    }
    values
        .parameters
        .retain(|name, _| !matches!(name, Parameter::Password | Parameter::ProxyPassword));
    Ok((launch, values))
}

/// What a service is asked, and how it is started where it does not run.
fn order(
    service: &Service,
    started: &[String],
    further: &[String],
    values: &Values,
) -> std::io::Result<ServiceOrder> {
    let verb = further.first().map_or("", String::as_str);
    let mut asks = service.ask.iter();
    let ask = asks.find(|(asked, _)| RunKey::from(**asked).name() == verb);
    let (_, ask) =
        ask.ok_or_else(|| std::io::Error::other(format!("the service is not asked to {verb}")))?;
    Ok(ServiceOrder {
        port: None,
        command: started.to_vec(),
        ready: service.ready.clone(),
        ask: asked(ask, values),
        status: service.status.clone(),
        sink: None,
    })
}

/// What is asked, its parameters filled in.
pub(super) fn asked(ask: &Ask, values: &Values) -> Ask {
    Ask {
        method: ask.method,
        path: values.fill(&ask.path),
        body: ask.body.as_ref().map(|body| values.fill_json(body)),
    }
}

/// The command that asks a service: this program, which is told what by a file.
fn service_command(
    order: &ServiceOrder,
    further: &[String],
    values: &Values,
    folders: &ActFolders,
) -> std::io::Result<Vec<String>> {
    let verb = further.first().map_or("", String::as_str);
    let path = folders.files.join("service.json");
    write_private(&path, serde_json::to_string_pretty(order)?.as_bytes())?;
    let program = values.program.display().to_string();
    let path = path.display().to_string();
    Ok(vec![program, "service".to_owned(), path, verb.to_owned()])
}

/// Where the parameters lead.
pub(super) fn goal<'a>(
    parameters: &'a BTreeMap<Parameter, String>,
    folders: &'a ActFolders,
) -> Goal<'a> {
    let text = |parameter| parameters.get(&parameter).map(String::as_str);
    let credentials = text(Parameter::ProxyUser).zip(text(Parameter::ProxyPassword));
    Goal {
        instance: text(Parameter::InstanceName).unwrap_or_default(),
        proxy: text(Parameter::ProxyUrl).map(|url| (url, credentials)),
        hosts_file: &folders.hosts,
    }
}

/// Everything the process sees of the world: nothing of the caller's but PATH and what the
/// manifest passes on.
pub(super) fn environment(
    subject: &Subject,
    values: &Values,
    folders: &ActFolders,
    trust: &Trust,
) -> BTreeMap<String, OsString> {
    let mut environment: BTreeMap<String, OsString> = BTreeMap::new();
    let mut set = |name: &str, value: OsString| {
        environment.insert(name.to_owned(), value);
    };
    set("LANG", "C.UTF-8".into());
    set("TZ", "UTC".into());
    set("PYTHONUNBUFFERED", "1".into());
    set("TMPDIR", folders.out.clone().into());
    // SSL_CERT_FILE and its like replace the system's roots; NODE_EXTRA_CA_CERTS adds to them.
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        set(name, trust.bundle.clone().into());
    }
    set("NODE_EXTRA_CA_CERTS", trust.ca.clone().into());
    // It replaces Java's roots too.
    let truststore = trust.truststore.display();
    let for_java =
        format!("-Djavax.net.ssl.trustStore={truststore} -Djavax.net.ssl.trustStoreType=PKCS12");
    let for_java = OsString::from(for_java);
    set(java::OPTIONS, for_java.clone());
    let joined = |name: &str, value: OsString| {
        if name == java::OPTIONS {
            java::joined(&for_java, &value)
        } else {
            value
        }
    };
    let home = match subject.file.home {
        Home::Fresh => Some(folders.home.clone().into()),
        Home::Keep => std::env::var_os("HOME"),
    };
    if let Some(home) = home {
        set("HOME", home);
    }
    let passed = ["PATH"].into_iter();
    for name in passed.chain(subject.file.pass_env.iter().map(String::as_str)) {
        if let Some(value) = std::env::var_os(name) {
            set(name, joined(name, value));
        }
    }
    for (name, value) in &subject.file.env {
        set(name, joined(name, values.fill(value).into()));
    }
    environment
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

pub(super) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(content)
}

//! An instance's records as conditions change them, and what follows from every change: the
//! policy is compiled again, and the journal learns what changed and what users may see.
//!
//! The store blocks; everything here that touches it runs off the async workers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use indexmap::IndexMap;
use tokio::sync::Mutex as AsyncMutex;

use super::survey::Survey;
use super::{Causes, Subject, credentials};
use crate::clock::Clock;
use crate::journal::{Actor, Cause, Event, Journal, RecordChanged, TokenEnded, Unmodelled};
use crate::pipeline::admission::{Mint, Tokens};
use crate::policy::Policy;
use crate::setup::{
    ApiAccessPolicySetup, InstanceSetup, RateRuleSetup, Rows, Setup, WebServiceRoles,
};
use crate::store::schema::Schema;
use crate::store::{Author, Committed, Store, StoreError};

/// The rows a caller asks for at a time when nobody says otherwise.
pub(crate) const USUAL_PAGE_SIZE: u32 = 100;

/// Why the records could not be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the store's thread stopped")]
    Stopped,
}

type Done = Result<(), RecordsError>;

/// The records of one instance.
#[derive(Debug)]
pub(crate) struct Records {
    desk: Arc<Desk>,
    page_size: u32,
}

/// What the store's listener works with. The store holds it weakly, through the listener.
#[derive(Debug)]
struct Desk {
    instance: String,
    web_service_roles: WebServiceRoles,
    store: Store,
    policy: RwLock<Arc<Policy>>,
    journal: Journal,
    survey: Survey,
    /// One change of conditions at a time, so that its cause is known.
    turn: Arc<AsyncMutex<()>>,
    cause: Mutex<Option<Cause>>,
    causes: Mutex<Causes>,
    clock: Clock,
    /// The tokens whose records are kept here.
    tokens: Arc<Tokens>,
}

/// Held while a condition is changed; what is committed meanwhile, and by no request, has its
/// cause.
#[derive(Debug)]
pub(crate) struct Writing {
    desk: Arc<Desk>,
    #[expect(dead_code, reason = "held for its drop")]
    turn: tokio::sync::OwnedMutexGuard<()>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        *self.desk.cause() = None;
    }
}

impl Records {
    /// Compiles the first policy and listens to the store. Blocks.
    pub(crate) fn new(
        name: &str,
        store: Store,
        setup: &Setup,
        instance: &InstanceSetup,
        journal: Journal,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let switches = instance.switches.as_ref();
        let web_service_roles = switches.and_then(|it| it.web_service_roles);
        let web_service_roles = web_service_roles.unwrap_or_default();
        let policy = Policy::compile_with(&store, 1, web_service_roles)?;
        let tokens = Arc::new(Tokens::minted_by(Mint::keyed(rand::random())));
        if !store.was_made() {
            credentials::restore(&store, &tokens, clock.now())?;
        }
        let desk = Arc::new(Desk {
            instance: name.to_owned(),
            web_service_roles,
            policy: RwLock::new(Arc::new(policy)),
            journal,
            survey: Survey::of(name, setup, instance),
            turn: Arc::default(),
            cause: Mutex::default(),
            causes: Mutex::default(),
            clock,
            tokens,
            store,
        });
        let listening = Arc::downgrade(&desk);
        desk.store.set_listener(move |committed| {
            if let Some(desk) = listening.upgrade() {
                desk.committed(committed);
            }
        });
        Ok(Self {
            desk,
            page_size: setup.page_size.unwrap_or(USUAL_PAGE_SIZE),
        })
    }

    pub(super) fn store(&self) -> &Store {
        &self.desk.store
    }

    pub(super) fn policy(&self) -> Arc<Policy> {
        self.desk.policy()
    }

    pub(super) fn tokens(&self) -> Arc<Tokens> {
        Arc::clone(&self.desk.tokens)
    }

    /// Writes the records of tokens that are new, renewed or ended. It waits for others who write
    /// them too: when it is done, they say what happened before it began.
    pub(crate) async fn write_tokens(&self) {
        let desk = Arc::clone(&self.desk);
        let written = tokio::task::spawn_blocking(move || {
            let done = credentials::write(&desk.store, &desk.tokens, desk.clock.now());
            if let Err(error) = done {
                desk.unmodelled(format!("write the records of tokens: {error}"));
            }
        });
        let _panicked_or_done = written.await;
    }

    /// Who put what in force.
    pub(super) fn with_causes<T>(&self, look: impl FnOnce(&mut Causes) -> T) -> T {
        self.desk.with_causes(look)
    }

    /// Waits for its turn to change conditions for this cause.
    pub(crate) async fn writing(&self, cause: &Cause) -> Writing {
        let turn = Arc::clone(&self.desk.turn).lock_owned().await;
        *self.desk.cause() = Some(cause.clone());
        Writing {
            desk: Arc::clone(&self.desk),
            turn,
        }
    }

    pub(crate) async fn set_locked_out(&self, user: &str, locked: bool) -> Done {
        self.set_user(user, "locked_out", locked).await
    }

    pub(crate) async fn set_active(&self, user: &str, active: bool) -> Done {
        self.set_user(user, "active", active).await
    }

    async fn set_user(&self, user: &str, column: &'static str, value: bool) -> Done {
        let (user, value) = (user.to_owned(), value.to_string());
        self.work(move |store, author| store.set_user_field(author, &user, column, &value))
            .await
    }

    pub(crate) async fn rotate_password(&self, user: &str) -> Done {
        let user = user.to_owned();
        self.work(move |store, author| store.rotate_password(author, &user))
            .await
    }

    pub(crate) async fn grant_role(&self, user: &str, role: &str) -> Done {
        let (user, role) = (user.to_owned(), role.to_owned());
        self.work(move |store, author| store.grant_role(author, &user, &role))
            .await
    }

    pub(crate) async fn revoke_role(&self, user: &str, role: &str) -> Done {
        let (user, role) = (user.to_owned(), role.to_owned());
        self.work(move |store, author| store.revoke_role(author, &user, &role))
            .await
    }

    pub(crate) async fn set_rate_rule(&self, name: &str, rule: &RateRuleSetup) -> Done {
        let (name, rule) = (name.to_owned(), rule.clone());
        self.work(move |store, author| store.set_rate_rule(author, &name, &rule))
            .await
    }

    pub(crate) async fn remove_rate_rule(&self, name: &str) -> Done {
        let name = name.to_owned();
        self.work(move |store, author| store.remove_rate_rule(author, &name))
            .await
    }

    pub(crate) async fn regenerate_client_secret(&self, name: &str) -> Done {
        let name = name.to_owned();
        self.work(move |store, author| store.regenerate_client_secret(author, &name))
            .await
    }

    pub(crate) async fn set_client_active(&self, name: &str, active: bool) -> Done {
        let name = name.to_owned();
        self.work(move |store, author| store.set_client_active(author, &name, active))
            .await
    }

    pub(crate) async fn require_mfa(&self, user: &str) -> Done {
        self.set_user(user, "enable_multifactor_authn", true).await
    }

    pub(crate) async fn deactivate_api_key(&self, name: &str) -> Done {
        let name = name.to_owned();
        self.work(move |store, author| store.deactivate_api_key(author, &name))
            .await
    }

    pub(crate) async fn set_access_policy(
        &self,
        name: &str,
        policy: &ApiAccessPolicySetup,
    ) -> Done {
        let (name, policy) = (name.to_owned(), policy.clone());
        self.work(move |store, author| store.set_access_policy(author, &name, &policy))
            .await
    }

    /// Inserts records in a transaction that lasted so long.
    pub(crate) async fn insert(&self, table: &str, rows: Rows, lasted: Duration) -> Done {
        let (table, rows) = (table.to_owned(), rows.count(self.page_size));
        self.work(move |store, author| {
            let author = begun_earlier(author, lasted);
            store.insert_rows(&author, &table, rows).map(drop)
        })
        .await
    }

    /// Changes records in a transaction that lasted so long.
    pub(crate) async fn update(
        &self,
        table: &str,
        query: &str,
        set: &IndexMap<String, String>,
        lasted: Duration,
    ) -> Done {
        let (table, query, set) = (table.to_owned(), query.to_owned(), set.clone());
        self.work(move |store, author| {
            let author = begun_earlier(author, lasted);
            store.update_where(&author, &table, &query, &set).map(drop)
        })
        .await
    }

    pub(crate) async fn delete(&self, table: &str, query: &str) -> Done {
        let (table, query) = (table.to_owned(), query.to_owned());
        self.work(move |store, author| store.delete_where(author, &table, &query).map(drop))
            .await
    }

    /// The keys of the records that an encoded query finds, whoever may see them.
    pub(crate) async fn matching(
        &self,
        table: &str,
        query: &str,
    ) -> Result<Vec<String>, RecordsError> {
        let (table, query) = (table.to_owned(), query.to_owned());
        self.work(move |store, author| store.matching(author, &table, &query))
            .await
    }

    /// Writes down what every user of the set-up may see of its tables.
    pub(super) async fn survey(&self) {
        let desk = Arc::clone(&self.desk);
        let surveyed = tokio::task::spawn_blocking(move || {
            desk.survey.forget();
            desk.survey(desk.survey.tables(), None);
        });
        let _panicked_or_done = surveyed.await;
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &Author) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, RecordsError> {
        let store = self.desk.store.clone();
        let author = Author {
            user_name: "admin".to_owned(),
            request: None,
            by: Actor::Instance,
            unix: self.desk.clock.now().unix,
        };
        let done = tokio::task::spawn_blocking(move || work(&store, &author))
            .await
            .map_err(|_| RecordsError::Stopped)??;
        Ok(done)
    }
}

/// Who writes, at the time at which the transaction began.
fn begun_earlier(author: &Author, by: Duration) -> Author {
    Author {
        unix: author.unix.saturating_sub(by),
        ..author.clone()
    }
}

impl Desk {
    /// Runs on the writer's thread, in the order of the commits, before the write returns.
    fn committed(&self, committed: &[Committed]) {
        let requested = committed.iter().find(|change| change.request.is_some());
        let cause = match requested {
            Some(_) => Some(Cause::Hand),
            None => self.cause().clone(),
        };
        let actor = match (&cause, requested) {
            (_, Some(change)) => change.by,
            (Some(Cause::Hand), None) => Actor::Runner,
            _ => Actor::Instance,
        };
        for change in committed {
            self.journal.append(
                actor,
                &self.instance,
                cause.clone(),
                Event::RecordChanged(RecordChanged {
                    table: change.table.clone(),
                    sys_id: change.sys_id.clone(),
                    change: change.change,
                    mod_count: change.mod_count,
                    request: change.request,
                }),
            );
        }
        let settings = committed.iter().any(Committed::is_setting);
        if settings {
            self.compile(cause.as_ref());
        }
        for change in committed.iter().filter(|it| it.table == credentials::TABLE) {
            self.heed_credential(change, cause.as_ref());
        }
        let touched = self.survey.tables().filter(|table| {
            settings
                || committed
                    .iter()
                    .any(|change| is_in(self.store.schema(), change, table))
        });
        self.survey(touched, cause.as_ref());
    }

    /// Compiles the policy anew. What follows from it is put down to whoever wrote the records,
    /// before any answer can follow from it.
    fn compile(&self, cause: Option<&Cause>) {
        let before = self.policy();
        match Policy::compile_with(&self.store, before.version + 1, self.web_service_roles) {
            Ok(policy) => {
                if let Some(cause) = cause {
                    for (setting, for_the_better) in policy.differences(&before) {
                        let cause = cause.clone();
                        self.with_causes(|causes| {
                            causes.set(setting.into(), cause, for_the_better);
                        });
                    }
                }
                *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
            }
            Err(error) => self.unmodelled(format!("compile the policy: {error}")),
        }
    }

    /// What a changed record says of its token holds from here on.
    fn heed_credential(&self, change: &Committed, cause: Option<&Cause>) {
        let heeded = credentials::heed(&self.store, &self.tokens, change, self.clock.now());
        match heeded {
            Ok(Some(moved)) => {
                let cause = cause.cloned().unwrap_or(Cause::Hand);
                let subject = Subject::Token(moved.token.number);
                let is_alive = moved.ended.is_none();
                self.with_causes(|causes| causes.set(subject, cause.clone(), is_alive));
                if let Some(how) = moved.ended {
                    let ended = TokenEnded::of(&moved.token, how, change.request);
                    self.journal.append(
                        Actor::Instance,
                        &self.instance,
                        Some(cause),
                        Event::TokenEnded(ended),
                    );
                }
            }
            Ok(None) => {}
            Err(error) => self.unmodelled(format!("read the record of a token: {error}")),
        }
    }

    fn survey<'d>(&'d self, tables: impl Iterator<Item = &'d str>, cause: Option<&Cause>) {
        let policy = self.policy();
        let unix = self.clock.now().unix;
        let seen = self.survey.look(&self.store, &policy, tables, unix);
        for seen in seen {
            match seen {
                Ok(seen) => {
                    let event = Event::Visibility(seen);
                    self.journal
                        .append(Actor::Instance, &self.instance, cause.cloned(), event);
                }
                Err(what) => self.unmodelled(what),
            }
        }
    }

    /// What we could not do must not be judged.
    fn unmodelled(&self, what: String) {
        self.journal.append(
            Actor::Instance,
            &self.instance,
            None,
            Event::Unmodelled(Unmodelled {
                request: None,
                what,
            }),
        );
    }

    fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_causes<T>(&self, look: impl FnOnce(&mut Causes) -> T) -> T {
        look(&mut self.causes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn cause(&self) -> MutexGuard<'_, Option<Cause>> {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a changed record is in this table, its own or one that its class extends.
fn is_in(schema: &Schema, change: &Committed, table: &str) -> bool {
    schema
        .class(table)
        .is_some_and(|class| class.family.contains(&change.table.as_str()))
}

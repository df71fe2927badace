//! One scenario on stage: its instance, its acts in order, its evidence.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Shared;
use super::act::{self, ActOrder};
use super::asked::Asking;
use super::attendant::PATIENCE;
use super::daemon::{Guest, Seat};
use super::interrupt::Interruption;
use super::kept::Kept;
use super::parameters::Told;
use super::person::{CallbackPort, Person};
use super::places::StartPlace;
use super::secrets::{ADMINISTRATOR, Secrets, client_certificate};
use super::workplace::Workplace;
use super::world::World;
use crate::checks;
use crate::evidence::{
    ActEvidence, Asked, Evidence, ProcessEnding, Several, SubjectFacts, Truth, Words,
};
use crate::report::RunReport;
use crate::scenario::{Act, BUDGET_CEILING, DEFAULT_USER, MAIN, Scenario};
use crate::subject::{Adapter, Lifetime};
use crate::verdict::{self, Verdict};

/// A scenario about to be run.
pub(super) struct Stage<'a> {
    shared: &'a Shared,
    scenario: &'a Scenario,
    user: String,
}

/// A scenario that was run.
pub(super) struct Staged {
    evidence: Evidence,
    relative: String,
}

/// What the acts of a scenario share.
#[derive(Clone, Copy)]
struct Equipment<'a> {
    workplace: &'a Workplace,
    /// The service that is asked, where it outlives an act.
    guest: Option<&'a Guest>,
    /// The processes that are used again, where they outlive an act.
    kept: Option<&'a Kept>,
}

impl<'a> Stage<'a> {
    pub(super) fn new(shared: &'a Shared, scenario: &'a Scenario) -> Self {
        let user = scenario.subject.user.clone();
        Self {
            shared,
            scenario,
            user: user.unwrap_or_else(|| DEFAULT_USER.to_owned()),
        }
    }

    /// Runs the acts and saves the evidence. The error is the harness's own.
    /// `seat` is its place at the service of the run, where it has one.
    pub(super) async fn run(
        self,
        seat: Option<Seat>,
        interruption: &mut Interruption,
    ) -> Result<Staged, String> {
        let began = Instant::now();
        let callback = CallbackPort::take().map_err(|error| format!("take a port: {error}"))?;
        let instances = self.scenario.instances.values();
        let client = client_certificate(self.scenario, &self.shared.authority, &self.user)?;
        let secrets = Secrets::make(instances, &self.user, &callback.url(), client);
        let workplace = Workplace::create().map_err(|error| error.to_string())?;
        if let Some(leaf) = &secrets.client {
            workplace
                .keep(leaf)
                .map_err(|error| format!("write the client certificate: {error}"))?;
        }
        let guest = self.guest(seat, &secrets, &workplace)?;
        // Filling an instance costs processor time too: whoever starts first is complete first.
        let place = self.shared.places.start().await;
        let mut world = World::start(
            self.scenario,
            &secrets,
            &self.shared.authority,
            self.shared.settings.seed,
            self.shared.subject.file.route,
        )
        .await?;
        let of_scenario = Kept::of(&self.shared.subject, Lifetime::Scenario, 1);
        let played = self
            .play(
                &mut world,
                &secrets,
                Equipment {
                    workplace: &workplace,
                    guest: guest.as_ref(),
                    kept: of_scenario.as_ref().or(self.shared.kept.as_ref()),
                },
                place,
                interruption,
            )
            .await;
        let told_late = match guest {
            Some(guest) => guest.leave(world.secrets_made(), interruption).await,
            None => BTreeSet::new(),
        };
        if let Some(observer) = &self.shared.settings.observer {
            observer.tell(&[secrets.all(), world.secrets_made()].concat());
        }
        let ended = world.end().await;
        self.shared.leave(of_scenario.as_ref(), interruption).await;
        let (header, journal) = ended?;
        let (mut acts, words) = played?;
        if let Some(last) = acts.last_mut() {
            let mut hits: BTreeSet<_> = std::mem::take(&mut last.secret_hits).into_iter().collect();
            hits.extend(told_late);
            last.secret_hits = hits.into_iter().collect();
        }

        let asked = (1..).zip(&self.scenario.acts);
        let for_changes = asked
            .filter(|(_, act)| act.changes)
            .map(|(number, _)| number);
        let truth = Truth::of(&journal, MAIN, &self.user).with_changes(
            &journal,
            MAIN,
            &self.user,
            for_changes,
        );
        let evidence = Evidence {
            scenario: self.scenario.clone(),
            subject: self.facts(),
            header,
            journal,
            acts,
            truth,
            lag: self.shared.lag.since(began),
        };
        let relative = format!("evidence/{}", self.scenario.name());
        let folder = self.shared.settings.out.join(&relative);
        // Half a run must not be judged again as if it were whole.
        if !is_interrupted(&evidence) {
            evidence
                .write(&folder, &words)
                .map_err(|error| error.to_string())?;
        }
        Ok(Staged { evidence, relative })
    }

    async fn play(
        &self,
        world: &mut World,
        secrets: &Secrets,
        equipment: Equipment<'_>,
        place: StartPlace,
        interruption: &mut Interruption,
    ) -> Result<(Vec<ActEvidence>, Vec<Words>), String> {
        let Equipment {
            workplace,
            guest,
            kept,
        } = equipment;
        let mut first_place = Some(place);
        let mut acts: Vec<ActEvidence> = Vec::new();
        let mut words = Vec::new();
        let mut state: Option<serde_json::Value> = None;
        let mut asking = Asking::of(&self.scenario.subject);
        for (at, act) in self.scenario.acts.iter().enumerate() {
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            if !act.resume {
                state = None;
                let _ = std::fs::remove_file(workplace.state_file());
            }
            let folders = workplace.act(number).map_err(|error| error.to_string())?;
            let parameters = Told {
                scenario: self.scenario,
                instance: act.points_at(),
                user: &self.user,
                trust: &self.shared.trust,
                route: self.shared.subject.file.route,
                world,
                secrets,
                workplace,
                folders: &folders,
            }
            .parameters()?;
            let person = self.person(act, world, secrets).await;
            let place = match first_place.take() {
                Some(place) => place,
                None => self.shared.places.start().await,
            };
            let mut parameters = parameters;
            let table = &self.scenario.write_table;
            if asking.needs_record(act)
                && let Some(record) = world.first_record(table).await?
            {
                asking.choose(record);
            }
            let errand = asking.tell(act, table, &folders.files, &mut parameters)?;
            let signs = world.start_act(number, act.verb).await;
            let resumed = act.resume
                && if self.shared.subject.file.adapter.has_messages() {
                    state.is_some()
                } else {
                    workplace.state_file().is_file()
                };
            let order = ActOrder {
                number,
                act,
                subject: &self.shared.subject,
                parameters: secrets.entered(
                    act.credentials.unwrap_or_default(),
                    self.scenario.subject.auth_method.unwrap_or_default(),
                    parameters,
                ),
                guest,
                person,
                state: state.clone(),
                resumed,
                has_words: self.shared.settings.has_words,
                trust: &self.shared.trust,
                way: self.shared.way.as_ref().map_err(Clone::clone)?,
                redactor: &secrets.redactor,
                known: secrets.all(),
                kept,
                attendant: self.shared.settings.attendant.as_ref(),
                contact_within: self.contact_within(&acts),
                budget: self.budget(),
            };
            let mut done = act::run(order, world, signs, &folders, place, interruption).await;
            world.end_act().await;
            if let Some(errand) = errand {
                let mut found = 0;
                for query in &errand.queries {
                    found += u32::from(world.holds(&errand.table, query).await?);
                }
                let wanted = u32::try_from(errand.queries.len()).unwrap_or(u32::MAX);
                done.evidence.asked = Some(Asked {
                    held: found == wanted,
                    table: errand.table,
                    sys_id: errand.sys_id,
                    several: (wanted > 1).then_some(Several {
                        wanted,
                        held: found,
                    }),
                });
                done.evidence.record_key = Some(errand.key);
            }
            let ending = done.evidence.ending;
            if let Some(introduction) = done.introduction {
                self.shared.introduced(introduction);
            }
            state = done.state.or(state);
            acts.push(done.evidence);
            words.push(done.words);
            if matches!(
                ending,
                ProcessEnding::Interrupted | ProcessEnding::NotStarted
            ) {
                break;
            }
        }
        Ok((acts, words))
    }

    /// The service that the acts share; none where each has a process of its own.
    fn guest(
        &self,
        seat: Option<Seat>,
        secrets: &Secrets,
        workplace: &Workplace,
    ) -> Result<Option<Guest>, String> {
        let file = &self.shared.subject.file;
        if let Some(seat) = seat {
            return Ok(Some(Guest::of_run(seat, &secrets.redactor, secrets.all())));
        }
        if file.adapter != Adapter::Http || file.lifetime != Lifetime::Scenario {
            return Ok(None);
        }
        let guest = Guest::of_scenario(workplace, &secrets.redactor, secrets.all());
        guest.map(Some).map_err(|error| error.to_string())
    }

    /// The person whom the subject may send to the instance.
    async fn person(&self, act: &Act, world: &World, secrets: &Secrets) -> Option<Person> {
        let instance = world.person()?;
        let password = |user: &str| secrets.passwords.get(user).cloned().unwrap_or_default();
        Some(Person {
            part: act.person.unwrap_or_default(),
            chromium: match &self.shared.chromium {
                Some(chromium) => {
                    let place = self.shared.places.person().await;
                    Some((Arc::clone(chromium), place))
                }
                None => None,
            },
            host: world.address(MAIN)?.host.clone(),
            instance,
            authority: self.shared.authority.ca_pem().to_owned(),
            user: (self.user.clone(), password(&self.user)),
            other: (ADMINISTRATOR.to_owned(), password(ADMINISTRATOR)),
        })
    }

    /// How long an act may go without contact; one that may end without has its budget too.
    fn contact_within(&self, earlier: &[ActEvidence]) -> Duration {
        if self.shared.settings.attendant.is_some() {
            return PATIENCE;
        }
        let contact = earlier.iter().any(|act| act.first_contact_ns.is_some());
        let budget = if self.scenario.witness.allows_no_contact(contact) {
            self.budget()
        } else {
            Duration::ZERO
        };
        budget
            + self.shared.settings.contact_within
            + self
                .shared
                .lag
                .since(Instant::now() - Duration::from_secs(5))
                .p99()
                * 20
    }

    fn budget(&self) -> Duration {
        if self.shared.settings.attendant.is_some() {
            return PATIENCE;
        }
        self.scenario
            .subject
            .budget
            .map_or(BUDGET_CEILING, |budget| budget.effective)
    }

    fn facts(&self) -> SubjectFacts {
        let file = &self.shared.subject.file;
        SubjectFacts {
            name: file.subject.clone(),
            version: self.shared.version.get().cloned(),
            adapter: file.adapter.name().to_owned(),
            capabilities: file.capabilities.clone(),
            declares: file.declares.clone(),
            has_words: self.shared.settings.has_words,
            has_records: file.adapter.has_messages() || file.records.is_some(),
            route: file.route,
            out_of_scope: file
                .out_of_scope
                .iter()
                .filter(|(key, _)| checks::about(key).is_some())
                .map(|(key, why)| (key.clone(), why.clone()))
                .collect(),
        }
    }
}

impl Staged {
    /// Judges the evidence.
    pub(super) fn report(
        self,
        shared: &Shared,
        scenario: &Scenario,
        why_stopped: &dyn Fn() -> &'static str,
    ) -> RunReport {
        if is_interrupted(&self.evidence) {
            let verdict = Verdict::Inconclusive;
            return RunReport::unjudged(scenario, verdict, Some(why_stopped().to_owned()));
        }
        let judged = verdict::judge(&self.evidence, shared.settings.strict);
        RunReport::judged(&self.evidence, judged, Some(self.relative))
    }
}

/// Whether an act was cut short because the run was stopped.
fn is_interrupted(evidence: &Evidence) -> bool {
    let mut acts = evidence.acts.iter();
    acts.any(|act| act.ending == ProcessEnding::Interrupted)
}

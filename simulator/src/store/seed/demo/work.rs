//! Tasks of every class in various states, closed ones too, with who asked, who works on it, and
//! what was said. All of it is made up.

use super::organisation::refer;
use super::people::group;
use super::{id, put};
use crate::store::StoreError;
use crate::store::records::{Records, row};

/// A task a line: class, state, what it is about, caller, assignment group, assignee, item, impact
/// and urgency.
const TASKS: &str = "\
incident|1|Cannot reach the shared drive|employee|desk||lnx-demo-3|3|3
incident|2|Kalender langsam (Büro Köln)|manager.sales|network|agent.network|E-Mail|1|1
incident|2|Shop answers 502|employee.3|software|agent.tokyo|Shop|1|2
incident|3|Printer offline|employee.2|hardware|itil|Drucker Köln 1|3|2
incident|3|パスワードを忘れました|agent.tokyo|desk|agent.desk||3|1
incident|6|Laptop does not start|employee|hardware|itil|laptop-demo-1|2|2
incident|6|Payroll report is empty|manager.finance|database|agent.desk|Payroll Services|2|1
incident|7|Wrong permissions on a folder|employee.4|desk|agent.desk||3|3
incident|7|Switch port down, étage 3|employee.2|network|agent.network|sw-demo-1|2|2
incident|8|Called by mistake|employee.3||||3|3
problem|101|Shared drive slow after patch||||lnx-demo-3|2|3
problem|103|Shop loses sessions||software|agent.tokyo|Shop|1|2
problem|104|Payroll job overruns||database|agent.desk|payroll@win-demo-1|2|2
problem|107|Switch firmware defect||network|agent.network|sw-demo-1|2|2
change_request|-5|Patch the file servers|itil|hardware||lnx-demo-3|2|2
change_request|-4|Move the shop to new storage|manager.it|software|agent.tokyo|sto-demo-1|1|2
change_request|-2|Firewall rule for monitoring|agent.network|network|agent.network|fw-demo-1|3|3
change_request|-1|Upgrade ESX hosts|itil|hardware|itil|cluster-demo|2|3
change_request|3|Replace switch sw-demo-0|agent.network|network|agent.network|sw-demo-1|2|2
change_request|4|Rename servers|itil||||3|3
sc_request|1|New starter|manager.sales||||3|3
sc_request|3|Laptop replacement|employee||||3|3
sc_req_item|1|Laptop|manager.sales|hardware|||3|3
sc_req_item|2|Mailbox|manager.sales|desk|agent.desk||3|3
sc_req_item|3|Laptop|employee|hardware|itil||3|3
sc_task|1|Order the laptop||hardware|||3|3
sc_task|2|Create the mailbox||desk|agent.desk||3|3
sc_task|3|Hand over the laptop||hardware|itil||3|3
change_task|1|Plan the upgrade||hardware|itil||3|3
change_task|3|Test the firewall rule||network|agent.network||3|3
problem_task|1|Collect session logs||software|||3|3
incident_task|1|Call the user back||desk|agent.desk||3|3
task|1|Follow up with the vendor||desk|||3|3
task|2|Tidy the storage room||hardware|itil||3|3
task|3|Renew the certificate||network|agent.network||2|3
task|7|Obsolete|||||3|3";

/// A line a column of a task that leads to another: class, what it is about, the column, and the
/// class of the other and what that is about.
const LINKS: &str = "\
incident|Shop answers 502|problem_id|problem|Shop loses sessions
incident|Switch port down, étage 3|problem_id|problem|Switch firmware defect
incident|Switch port down, étage 3|rfc|change_request|Replace switch sw-demo-0
incident|Cannot reach the shared drive|parent_incident|incident|Kalender langsam (Büro Köln)
problem|Switch firmware defect|rfc|change_request|Replace switch sw-demo-0
problem|Shop loses sessions|first_reported_by_task|incident|Shop answers 502
sc_task|Order the laptop|request|sc_request|New starter
sc_task|Create the mailbox|request|sc_request|New starter
sc_task|Create the mailbox|request_item|sc_req_item|Mailbox
sc_task|Hand over the laptop|request|sc_request|Laptop replacement
sc_req_item|Mailbox|request|sc_request|New starter
change_task|Plan the upgrade|change_request|change_request|Upgrade ESX hosts
change_task|Plan the upgrade|parent|change_request|Upgrade ESX hosts
change_task|Test the firewall rule|change_request|change_request|Firewall rule for monitoring
problem_task|Collect session logs|problem|problem|Shop loses sessions
incident_task|Call the user back|incident|incident|Cannot reach the shared drive";

/// Closed, or as good as.
const DONE: &str = "2026-01-06 16:30:00";

pub(super) fn ship(records: &mut Records<'_>) -> Result<(), StoreError> {
    for (at, task) in TASKS.lines().enumerate() {
        insert(records, at, task)?;
    }
    Ok(())
}

fn insert(records: &mut Records<'_>, at: usize, task: &str) -> Result<(), StoreError> {
    let mut cells = task.split('|');
    let mut cell = || cells.next().unwrap_or_default();
    let (class, state, about, caller) = (cell(), cell(), cell(), cell());
    let (group_key, assignee, item, impact, urgency) = (cell(), cell(), cell(), cell(), cell());
    let sys_id = key(class, about, at);
    let caller = refer("sys_user", caller);
    let assignee = refer("sys_user", assignee);
    let opened_by = if caller.is_empty() {
        id("sys_user", "agent.desk")
    } else {
        caller.clone()
    };
    let mut values = row([
        ("sys_id", sys_id.as_str()),
        ("state", state),
        ("short_description", about),
        ("impact", impact),
        ("urgency", urgency),
        ("opened_by", opened_by.as_str()),
        ("assigned_to", assignee.as_str()),
        ("cmdb_ci", refer("cmdb_ci", item).as_str()),
        ("contact_type", ["email", "phone", "self-service"][at % 3]),
        ("company", id("core_company", "north").as_str()),
    ]);
    let mut give = |name: &str, value: &str| {
        values.insert(name.to_owned(), value.to_owned());
    };
    if !group_key.is_empty() {
        give("assignment_group", &group(group_key));
    }
    if at.is_multiple_of(3) {
        give("description", "Reported from \"desk 1\".\nSecond line.");
    }
    if !caller.is_empty() {
        for column in ["caller_id", "requested_by", "requested_for"] {
            give(column, &caller);
        }
    }
    if at % 4 == 1 {
        give(
            "watch_list",
            &[id("sys_user", "manager.it"), id("sys_user", "itil")].join(","),
        );
    }
    match (class, state) {
        ("incident", "3") => give("hold_reason", "1"),
        ("incident", "6" | "7") => {
            for (name, value) in [
                ("resolved_at", DONE),
                ("close_code", "Solution provided"),
                ("close_notes", "Erledigt, thank you."),
            ] {
                give(name, value);
            }
            give("resolved_by", &assignee);
        }
        _ => {}
    }
    let closed = matches!(
        (class, state),
        ("incident", "7" | "8") | ("problem", "107") | ("change_request", "3" | "4")
    ) || (matches!(state, "3" | "4" | "7")
        && !matches!(class, "incident" | "problem"));
    if closed {
        give("closed_at", DONE);
        give("closed_by", &assignee);
    }
    if at % 3 == 1 {
        give("work_notes", "Looked at the logs; nothing unusual.");
    }
    if !caller.is_empty() && at % 2 == 1 {
        give(
            "comments",
            "Ich habe es gerade noch einmal versucht: same error.",
        );
    }
    if class == "sc_req_item" {
        give("cat_item", &id("sc_cat_item", about));
        if about == "Laptop" {
            let request = if at.is_multiple_of(2) && closed {
                "Laptop replacement"
            } else {
                "New starter"
            };
            give("request", &id("task", &["sc_request/", request].concat()));
        }
    }
    if class == "sc_task" && about.contains("laptop") {
        let item = if closed { 24 } else { 22 };
        give("request_item", &key("sc_req_item", "Laptop", item));
    }
    for link in LINKS.lines() {
        let cells: Vec<&str> = link.split('|').collect();
        if let [from, what, column, target, to] = cells[..]
            && from == class
            && what == about
        {
            give(column, &id("task", &[target, "/", to].concat()));
        }
    }
    put(records, class, at, &values)?;
    Ok(())
}

/// The id of a task, by class and what it is about; of two that are about the same, by place too.
fn key(class: &str, about: &str, at: usize) -> String {
    if class == "sc_req_item" && about == "Laptop" {
        return id("task", &format!("{class}/{about}/{at}"));
    }
    id("task", &[class, "/", about].concat())
}

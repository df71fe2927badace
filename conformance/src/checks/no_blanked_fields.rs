//! `no-blanked-fields`: what the instance did not send is not handed on as empty.
//!
//! A field that the user may not read has no key in answers (wire-failures 4.9). Whoever fills the
//! gap with an empty value overwrites what is known downstream. Leaving it out is right, and so is
//! naming it as unreadable.

use std::collections::BTreeSet;

use super::no_lost_records::TableSettings;
use super::{Axis, Check, CheckResult, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoBlankedFields;

impl Check for NoBlankedFields {
    type Settings = TableSettings;

    const ID: &'static str = "no-blanked-fields";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "delivers no empty value for a field that its user may not read, unless it says so";

    fn decide(settings: &Self::Settings, evidence: &Evidence) -> Ruling {
        if !evidence.subject.has_records {
            return Ruling::of(
                CheckResult::Inconclusive,
                "records whose fields can be looked at",
                "its records cannot be read; a manifest says where they are",
                [],
            );
        }
        let table = settings.table(evidence);
        let exchanges = wire::of_subject(evidence);
        let (mut hidden, mut entries) = (BTreeSet::new(), Vec::new());
        let (mut blanked, mut in_doubt) = (BTreeSet::new(), BTreeSet::new());
        for act in &evidence.acts {
            let pages = exchanges.iter().filter(|each| each.act == act.act && !each.failed());
            let (mut always, mut ever) = (None::<BTreeSet<&str>>, BTreeSet::new());
            for page in pages {
                let of_table = |read: &&_| {
                    let read: &snowproof_simulator::journal::Served = read;
                    read.table == table && !read.sys_ids.is_empty()
                };
                for read in page.reads().filter(of_table) {
                    let closed: BTreeSet<&str> = read.left_out.iter().map(String::as_str).collect();
                    if !closed.is_empty() {
                        entries.extend(page.entries());
                    }
                    ever.extend(closed.iter().copied());
                    always = Some(match always {
                        Some(before) => before.intersection(&closed).copied().collect(),
                        None => closed,
                    });
                }
            }
            let always = always.unwrap_or_default();
            for blank in &act.blank {
                let field = blank.field.as_str();
                if !blank.table.is_empty() && blank.table != table {
                    continue;
                }
                if always.contains(field) {
                    blanked.insert(field);
                } else if ever.contains(field) {
                    in_doubt.insert(field);
                }
            }
            hidden.extend(ever);
        }
        if hidden.is_empty() {
            return Ruling::not_applicable("no field was hidden from its user");
        }
        let expected = format!("no empty value for {}", listed(&hidden));
        let (result, observed) = if !blanked.is_empty() {
            (CheckResult::Fail, format!("{} delivered as empty", listed(&blanked)))
        } else if !in_doubt.is_empty() {
            let fields = listed(&in_doubt);
            (CheckResult::Inconclusive, format!("{fields} empty, and hidden in a part of the answers"))
        } else {
            (CheckResult::Pass, "none was delivered".to_owned())
        };
        Ruling::of(result, expected, observed, entries)
    }
}

fn listed(fields: &BTreeSet<&str>) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;
    use crate::evidence::BlankField;

    const PAGE: &str = "/api/now/table/t";

    fn decide(run: &mut Run) -> CheckResult {
        NoBlankedFields::decide(&TableSettings::default(), &run.end().evidence()).result
    }

    /// Reads a page in each element, without these fields, and delivers these empty.
    fn read(pages: &[&[&str]], blank: &[(&str, &str)]) -> Run {
        let mut run = Run::sync();
        for left_out in pages {
            run.get(PAGE).left_out(left_out).page(0, 10, 1, &["a"], 0);
        }
        run.act().blank = blank
            .iter()
            .map(|(table, field)| BlankField {
                table: (*table).into(),
                field: (*field).into(),
                records: 1,
            })
            .collect();
        run
    }

    #[test]
    fn a_hidden_field_that_is_delivered_empty_fails() {
        let hidden: &[&[&str]] = &[&["serial_number"], &["serial_number"]];
        for table in ["", "t"] {
            let mut run = read(hidden, &[(table, "serial_number")]);
            assert_eq!(decide(&mut run), CheckResult::Fail);
        }
    }

    #[test]
    fn a_hidden_field_that_is_left_out_passes() {
        assert_eq!(decide(&mut read(&[&["serial_number"]], &[])), CheckResult::Pass);
    }

    #[test]
    fn a_field_that_is_empty_on_the_instance_passes() {
        let mut run = read(&[&["serial_number"]], &[("t", "ip_address")]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = read(&[&["serial_number"]], &[("u", "serial_number")]);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn each_act_is_judged_by_what_it_was_shown() {
        let mut run = read(&[&["serial_number"]], &[]);
        run.next_act(snowproof_protocol::Verb::Sync, false);
        run.get(PAGE).page(0, 10, 1, &["a"], 0);
        run.act().blank = vec![BlankField {
            table: "t".into(),
            field: "serial_number".into(),
            records: 1,
        }];
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn what_was_hidden_for_a_while_or_cannot_be_seen_is_not_decided() {
        let mut run = read(&[&["serial_number"], &[]], &[("t", "serial_number")]);
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
        let mut run = read(&[&["serial_number"]], &[]);
        run.evidence.subject.has_records = false;
        assert_eq!(decide(&mut run), CheckResult::Inconclusive);
        assert_eq!(decide(&mut read(&[&[]], &[("t", "x")])), CheckResult::NotApplicable);
    }
}

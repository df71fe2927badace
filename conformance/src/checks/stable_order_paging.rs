//! `stable-order-paging`: pages of an unordered read overlap and leave gaps.
//!
//! Without an order by a unique column the instance may order each page differently
//! (wire-failures 0.9).

use std::collections::BTreeMap;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Columns that are unique in every table or in every task.
const UNIQUE: [&str; 2] = ["sys_id", "number"];

/// See the module.
#[derive(Debug)]
pub struct StableOrderPaging;

impl Check for StableOrderPaging {
    type Settings = NoSettings;

    const ID: &'static str = "stable-order-paging";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "orders a read of several pages by a unique column";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let mut reads: BTreeMap<(u32, &str), Vec<(wire::Op, &wire::Exchange<'_>)>> = BTreeMap::new();
        for exchange in &exchanges {
            if let Some(served) = exchange.served().filter(|_| exchange.request.sys_id.is_none()) {
                reads
                    .entry((exchange.act, &served.table))
                    .or_default()
                    .push((wire::Op::of(exchange), exchange));
            }
        }
        let (mut paged, mut unordered) = (0, Vec::new());
        for pages in reads.values() {
            if pages.iter().all(|(op, _)| *op == pages[0].0) {
                continue;
            }
            paged += 1;
            unordered.extend(pages.iter().filter(|(_, page)| !is_ordered(page)).map(|(_, page)| page.seq));
        }
        if paged == 0 {
            return Ruling::not_applicable("no table was read in more than one page");
        }
        let expected = "every page ordered by a unique column";
        if unordered.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "every page was", []);
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            format!("{} pages were not", unordered.len()),
            unordered,
        )
    }
}

fn is_ordered(exchange: &wire::Exchange<'_>) -> bool {
    exchange.served().is_some_and(|served| {
        served
            .ordered_by_caller
            .iter()
            .any(|column| UNIQUE.contains(&column.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn two_pages(order: &str, second: &str) -> CheckResult {
        let mut run = Run::sync();
        run.get(&format!("/api/now/table/t?sysparm_query={order}"))
            .page(0, 2, 4, &["a", "b"], 0);
        run.get(&format!("/api/now/table/t?sysparm_query={order}&sysparm_offset={second}"))
            .page(2, 2, 4, &["c", "d"], 0);
        StableOrderPaging::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn unordered_pages_fail() {
        assert_eq!(two_pages("ORDERBYname", "2"), CheckResult::Fail);
    }

    #[test]
    fn ordered_pages_pass() {
        assert_eq!(two_pages("ORDERBYsys_id", "2"), CheckResult::Pass);
    }

    #[test]
    fn one_page_does_not_apply() {
        assert_eq!(two_pages("ORDERBYname", "0"), CheckResult::NotApplicable);
    }
}

//! Ranges of addresses that are denied or allowed, compiled (wire-failures 4.15).

use std::net::IpAddr;

use crate::setup::IpRangeKind;

/// Every active range.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct IpRanges(pub(super) Vec<IpRange>);

/// From its first to its last address.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IpRange {
    pub(super) kind: IpRangeKind,
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
}

impl IpRanges {
    pub(super) fn deny(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let held = |kind| {
            self.0
                .iter()
                .any(|range| range.kind == kind && range.holds(address))
        };
        held(IpRangeKind::Deny) && !held(IpRangeKind::Allow)
    }

    /// Whether no address is denied that the older ranges let in: nothing more is denied, and
    /// nothing less is allowed.
    pub(super) fn lets_in_all_of(&self, older: &Self) -> bool {
        let every = |kind, of: &Self, within: &Self| {
            let mut ranges = of.0.iter().filter(|range| range.kind == kind);
            ranges.all(|range| within.0.contains(range))
        };
        every(IpRangeKind::Deny, self, older) && every(IpRangeKind::Allow, older, self)
    }
}

impl IpRange {
    /// Ranges of one family never hold addresses of the other.
    fn holds(&self, address: IpAddr) -> bool {
        self.from.is_ipv4() == address.is_ipv4() && (self.from..=self.to).contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(kind: IpRangeKind, from: &str, to: &str) -> IpRange {
        IpRange {
            kind,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    #[test]
    fn a_range_less_to_deny_or_one_more_to_allow_lets_everybody_in_as_before() {
        let deny = || range(IpRangeKind::Deny, "0.0.0.0", "255.255.255.255");
        let allow = || range(IpRangeKind::Allow, "203.0.113.0", "203.0.113.255");
        let [none, denied, allowed] = [vec![], vec![deny()], vec![deny(), allow()]].map(IpRanges);
        assert!(none.lets_in_all_of(&denied) && allowed.lets_in_all_of(&denied));
        assert!(!denied.lets_in_all_of(&none) && !denied.lets_in_all_of(&allowed));
    }

    #[test]
    fn allowing_beats_denying_and_what_no_range_holds_is_let_in() {
        let ranges = IpRanges(vec![
            range(IpRangeKind::Deny, "0.0.0.0", "255.255.255.255"),
            range(IpRangeKind::Allow, "203.0.113.0", "203.0.113.255"),
        ]);
        let denies = |address: &str| ranges.deny(address.parse().unwrap());
        assert!(denies("127.0.0.1"));
        assert!(denies("203.0.112.255") && denies("203.0.114.0"));
        assert!(!denies("203.0.113.0") && !denies("203.0.113.255"));
        assert!(denies("::ffff:127.0.0.1"));
        assert!(!denies("::1"));
        assert!(!IpRanges::default().deny(IpAddr::from([127, 0, 0, 1])));
    }
}

//! Laws of an instance's life: what happens does not depend on who looks when.

use std::time::Duration;

use proptest::prelude::*;

use super::{Deed, Life, Passage};
use crate::setup::InstanceState;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn deed() -> impl Strategy<Value = Deed> {
    let lasts = || (0_u64..5_000).prop_map(ms);
    prop_oneof![
        Just(Deed::Enter(InstanceState::Hibernating)),
        Just(Deed::Enter(InstanceState::Down)),
        Just(Deed::Enter(InstanceState::Awake)),
        lasts().prop_map(|takes| Deed::SignIn { takes }),
        lasts().prop_map(|lasts| Deed::FailOver { lasts }),
        lasts().prop_map(|lasts| Deed::Upgrade { lasts }),
    ]
}

/// Deeds with the time since the one before.
fn deeds() -> impl Strategy<Value = Vec<(u64, Deed)>> {
    prop::collection::vec((0_u64..4_000, deed()), 0..8)
}

/// Everything that happens until the end: what was done, and what followed by itself. Whoever looks
/// does so at these moments as well.
fn history(deeds: &[(u64, Deed)], looks: &[u64], end: u64) -> Vec<Passage> {
    let mut life = Life::beginning(InstanceState::Awake);
    let mut looks: Vec<u64> = looks.to_vec();
    looks.sort_unstable();
    let mut looks = looks.into_iter().peekable();
    let mut seen = Vec::new();
    let mut now = 0;
    for (pause, deed) in deeds {
        now += pause;
        while let Some(look) = looks.next_if(|look| *look <= now) {
            seen.extend(life.until(ms(look)));
        }
        seen.extend(life.heed(*deed, ms(now)));
        seen.push(Passage {
            at: ms(now),
            to: life.state_at(ms(now)),
        });
    }
    for look in looks.filter(|look| *look <= end) {
        seen.extend(life.until(ms(look)));
    }
    seen.extend(life.until(ms(end)));
    seen
}

proptest! {
    #[test]
    fn the_same_deeds_give_the_same_history(
        deeds in deeds(),
        looks in prop::collection::vec(0_u64..60_000, 0..20),
    ) {
        prop_assert_eq!(history(&deeds, &looks, 60_000), history(&deeds, &[], 60_000));
    }

    #[test]
    fn time_goes_forward_and_ends_in_a_state_that_lasts(deeds in deeds()) {
        let history = history(&deeds, &[], 60_000);
        prop_assert!(history.is_sorted_by_key(|passage| passage.at));
        let lasts = [InstanceState::Awake, InstanceState::Hibernating, InstanceState::Down];
        prop_assert!(history.last().is_none_or(|passage| lasts.contains(&passage.to)));
    }

    #[test]
    fn looking_ahead_agrees_with_what_comes(deeds in deeds(), at in 0_u64..60_000) {
        let mut life = Life::beginning(InstanceState::Awake);
        let mut now = 0;
        for (pause, deed) in deeds {
            now += pause;
            life.heed(deed, ms(now));
        }
        let later = ms(now + at);
        let foreseen = life.state_at(later);
        life.until(later);
        prop_assert_eq!(life.state_at(later), foreseen);
    }

    #[test]
    fn nobody_who_only_looks_wakes_it(looks in prop::collection::vec(0_u64..1 << 40, 0..50)) {
        let mut life = Life::beginning(InstanceState::Hibernating);
        for look in looks {
            prop_assert!(life.until(ms(look)).is_empty());
            prop_assert_eq!(life.state_at(ms(look)), InstanceState::Hibernating);
        }
    }

    #[test]
    fn who_signs_in_meets_the_offline_page_first(takes in 0_u64..10_000, again in 0_u64..10_000) {
        let mut life = Life::beginning(InstanceState::Hibernating);
        let sign_in = Deed::SignIn { takes: ms(takes) };
        prop_assert!(life.heed(sign_in, ms(5)).is_empty());
        // Whoever signs in a second time neither hastens nor delays it.
        let mut seen = life.heed(sign_in, ms(5 + again));
        seen.extend(life.until(ms(30_000)));
        prop_assert_eq!(seen, [Passage { at: ms(5 + takes), to: InstanceState::Awake }]);
    }
}

proptest! {
    #[test]
    fn what_sleeps_neither_moves_nor_is_upgraded(
        lasts in prop::collection::vec((0_u64..4_000, 0_u64..5_000, any::<bool>()), 0..8),
    ) {
        let mut life = Life::beginning(InstanceState::Hibernating);
        let mut now = 0;
        for (pause, lasts, moves) in lasts {
            now += pause;
            let lasts = ms(lasts);
            let deed = if moves { Deed::FailOver { lasts } } else { Deed::Upgrade { lasts } };
            prop_assert!(life.heed(deed, ms(now)).is_empty());
        }
        prop_assert!(life.until(ms(60_000)).is_empty());
        prop_assert_eq!(life.state_at(ms(60_000)), InstanceState::Hibernating);
    }
}

#[test]
fn signing_in_wakes_nothing_but_a_sleeping_instance() {
    for state in [
        InstanceState::Awake,
        InstanceState::Down,
        InstanceState::FailingOver,
    ] {
        let mut life = Life::beginning(state);
        let sign_in = Deed::SignIn { takes: ms(1) };
        assert!(life.heed(sign_in, ms(1)).is_empty());
        assert!(life.until(ms(1_000)).is_empty());
        assert_eq!(life.state_at(ms(1_000)), state);
    }
}

#[test]
fn an_upgrade_takes_the_nodes_one_by_one() {
    let mut life = Life::beginning(InstanceState::Awake);
    life.heed(Deed::Upgrade { lasts: ms(6_000) }, ms(10_000));
    let at = |millis: u64| life.state_at(ms(10_000 + millis));
    for (millis, state) in [
        (0, InstanceState::Maintenance),
        (999, InstanceState::Maintenance),
        (1_000, InstanceState::Awake),
        (2_000, InstanceState::Maintenance),
        (3_000, InstanceState::Awake),
        (4_999, InstanceState::Maintenance),
        (5_000, InstanceState::Awake),
        (100_000, InstanceState::Awake),
    ] {
        assert_eq!(at(millis), state, "{millis}");
    }
}

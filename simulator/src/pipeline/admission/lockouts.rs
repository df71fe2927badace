//! Lockouts are counted exactly, whoever fails at the same time and whatever the callers know.

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, Mutex};

    use proptest::prelude::*;

    use super::super::*;

    const MOST: u32 = 5;
    const THREADS: usize = 32;

    fn at(secs: u64) -> Now {
        Now {
            elapsed: Duration::from_secs(secs),
            unix: Duration::from_secs(1_790_000_000 + secs),
        }
    }

    /// The record of one user as policies have it: the version, and whether it says locked.
    #[derive(Debug, Default)]
    struct Record(Mutex<(u64, bool)>);

    impl Record {
        fn policy(&self) -> (u64, bool) {
            *self.0.lock().unwrap()
        }

        /// What the instance does about notices.
        fn heed(&self, admission: &Admission) -> usize {
            let notices = admission.take_notices();
            for notice in &notices {
                assert_eq!(*notice, Notice::LockedOut("anna".to_owned()));
                let version = {
                    let mut policy = self.0.lock().unwrap();
                    *policy = (policy.0 + 1, true);
                    policy.0
                };
                admission.lock_recorded("anna", version);
            }
            notices.len()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        /// Every caller decides by the policy it was given, which may be out of date.
        #[test]
        fn so_many_failures_at_once_lock_once_and_nobody_slips_through(
            most in 1..8_u32,
            attempts in 1..12_usize,
            right_at in any::<prop::sample::Index>(),
        ) {
            let admission = Admission::default();
            let record = Record::default();
            let (refused, locked, locks) = Default::default();
            let (refused, locked, locks): (AtomicUsize, AtomicUsize, AtomicUsize) =
                (refused, locked, locks);
            let start = Barrier::new(THREADS);
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        start.wait();
                        for _ in 0..attempts {
                            let (version, says) = record.policy();
                            match admission.login("anna", false, says, most, version) {
                                LoginVerdict::Refused { .. } => refused.fetch_add(1, Ordering::SeqCst),
                                LoginVerdict::Locked => locked.fetch_add(1, Ordering::SeqCst),
                                LoginVerdict::Accepted => panic!("a wrong password was accepted"),
                            };
                            locks.fetch_add(record.heed(&admission), Ordering::SeqCst);
                        }
                    });
                }
            });
            let most = usize::try_from(most).unwrap();
            prop_assert_eq!(refused.into_inner(), most);
            prop_assert_eq!(locked.into_inner(), THREADS * attempts - most);
            prop_assert_eq!(locks.into_inner(), 1);
            // The right password helps under no policy, old or new.
            let version = u64::try_from(right_at.index(2)).unwrap();
            let verdict = admission.login("anna", true, version > 0, MOST, version);
            prop_assert_eq!(verdict, LoginVerdict::Locked);
        }
    }

    #[test]
    fn a_lockout_is_over_at_its_time_and_not_before() {
        let admission = Admission::default();
        admission.lockout_ends("anna", Duration::from_secs(900));
        admission.lockout_ends("bert", Duration::from_secs(900));
        admission.lockout_stays("bert");
        admission.end_lockouts(at(899));
        assert_eq!(admission.take_notices(), []);
        admission.end_lockouts(at(900));
        let over = [Notice::LockoutOver("anna".to_owned())];
        assert_eq!(admission.take_notices(), over);
        admission.end_lockouts(at(901));
        assert_eq!(admission.take_notices(), []);
    }
}

//! Which access policy decides, against the published table of priorities.

use proptest::prelude::*;

use super::*;

/// Method, resource, version, and priority, as the page has them (API access policy
/// prioritization); the last is between the two kinds.
const PRIORITIES: [(bool, bool, bool, u8); 8] = [
    (true, true, true, 1),
    (true, true, false, 2),
    (false, true, true, 3),
    (false, true, false, 4),
    (true, false, true, 5),
    (true, false, false, 6),
    (false, false, true, 7),
    (false, false, false, 7),
];

const METHODS: [&str; 2] = ["GET", "POST"];
const VERSIONS: [&str; 2] = ["v1", "v2"];
const RESOURCES: [&str; 2] = ["/now/table/{tableName}", "/now/table/{tableName}/{sys_id}"];
const PATHS: [&str; 4] = [
    "/api/now/table/incident",
    "/api/now/v2/table/incident",
    "/api/now/v1/table/incident/0",
    "/api/now/stats/incident",
];

fn policy(
    name: usize,
    (is_global, method, resource, version): (bool, Option<usize>, Option<usize>, Option<usize>),
) -> AccessPolicy {
    let of = |list: &[&str], at: Option<usize>| at.map(|at| list[at].to_owned());
    AccessPolicy {
        name: format!("policy {name}"),
        api: (!is_global).then(|| ("Table API".to_owned(), String::new())),
        method: of(&METHODS, method),
        resource: of(&RESOURCES, resource).filter(|_| !is_global),
        version: of(&VERSIONS, version).filter(|_| !is_global),
        tables: BTreeSet::new(),
        fits_no_table: false,
        profiles: Vec::new(),
        advertises_all: false,
    }
}

/// The priority of a policy on a call, if it is about the call at all.
fn priority(policy: &AccessPolicy, method: &str, path: &str) -> Option<u8> {
    let segments: Vec<&str> = path.split('/').skip(3).collect();
    let version = segments[0].starts_with('v').then_some(segments[0]);
    let rest = &segments[usize::from(version.is_some())..];
    let resource = if rest.len() == 3 {
        RESOURCES[1]
    } else {
        RESOURCES[0]
    };
    let unless =
        |named: &Option<String>, found: Option<&str>| named.is_none() || named.as_deref() == found;
    if !unless(&policy.method, Some(method)) {
        return None;
    }
    if policy.api.is_none() {
        return Some(if policy.method.is_some() { 8 } else { 9 });
    }
    let fits = rest[0] == "table"
        && unless(&policy.version, version)
        && unless(&policy.resource, Some(resource));
    let named = (
        policy.method.is_some(),
        policy.resource.is_some(),
        policy.version.is_some(),
    );
    let row = PRIORITIES.iter().find(|row| (row.0, row.1, row.2) == named);
    fits.then(|| row.unwrap().3)
}

proptest! {
    #[test]
    fn the_published_priorities_decide(
        made in prop::collection::vec(
            (
                any::<bool>(),
                prop::option::of(0..2_usize),
                prop::option::of(0..2_usize),
                prop::option::of(0..2_usize),
            ),
            0..8,
        ),
        method in 0..2_usize,
        path in 0..4_usize,
    ) {
        let mut policies: Vec<_> = made
            .into_iter()
            .enumerate()
            .map(|(name, parts)| policy(name, parts))
            .collect();
        policies.sort_by_key(AccessPolicy::rank);
        let access = ApiAccess { policies: policies.clone(), ..ApiAccess::default() };
        let (method, path) = (METHODS[method], PATHS[path]);
        let asked = Method::from_bytes(method.as_bytes()).unwrap();
        let chosen = access.policy(&asked, &crate::api::target(&asked, path));
        let best = policies.iter().filter_map(|it| priority(it, method, path)).min();
        prop_assert_eq!(chosen.and_then(|it| priority(it, method, path)), best);
    }
}

#[test]
fn a_policy_for_tables_that_names_none_fits_no_call_and_head_is_a_get() {
    let mut guarded = policy(0, (false, Some(0), None, None));
    let target = crate::api::target(&Method::HEAD, PATHS[0]);
    assert!(guarded.fits(&Method::HEAD, &target));
    guarded.fits_no_table = true;
    assert!(!guarded.fits(&Method::GET, &target));
    guarded.fits_no_table = false;
    guarded.tables = ["problem".to_owned()].into();
    assert!(!guarded.fits(&Method::GET, &target));
    guarded.tables.insert("incident".to_owned());
    assert!(guarded.fits(&Method::GET, &target));
}

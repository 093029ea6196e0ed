//! Names that lead to names in any way there is, beside the plainest way to find out who is reached.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Names lead to names; a name without members is a user.
type Graph = BTreeMap<u8, Vec<u8>>;

fn user(n: u8) -> String {
    format!("n{n}@home.example")
}

/// Everybody who can be reached, by the plainest way there is.
fn model(graph: &Graph, from: &[u8]) -> BTreeSet<String> {
    let (mut seen, mut line, mut users) = (BTreeSet::new(), from.to_vec(), BTreeSet::new());
    while let Some(n) = line.pop() {
        match graph.get(&n) {
            None => drop(users.insert(user(n))),
            Some(members) => {
                if members.contains(&n) {
                    users.insert(user(n));
                }
                if seen.insert(n) {
                    line.extend(members.iter().filter(|member| **member != n));
                }
            }
        }
    }
    users
}

proptest! {
    #[test]
    fn whoever_can_be_reached_gets_the_mail_once_and_nobody_else(
        graph in prop::collection::btree_map(0..12u8, prop::collection::vec(0..16u8, 1..5), 1..8),
        to in prop::collection::vec(0..16u8, 1..6),
    ) {
        let line = |(name, members): (&u8, &Vec<u8>)| {
            let members: Vec<String> = members.iter().map(|n| format!("n{n}")).collect();
            format!("n{name}: {}\n", members.join(", "))
        };
        let aliases = aliases(&graph.iter().map(line).collect::<String>());
        let to: BTreeSet<u8> = to.into_iter().collect();
        let to: Vec<u8> = to.into_iter().collect();
        let texts: Vec<String> = to.iter().map(|n| user(*n)).collect();
        let draft = draft(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let Some(entry) = entry(&aliases, &draft) else {
            prop_assert!(to.iter().all(|n| !graph.contains_key(n)));
            return Ok(());
        };
        let failed = failures(&entry);
        let recipients = &advanced(&entry).envelope.recipients;
        let got: Vec<String> =
            recipients.iter().filter(|(no, _)| !failed.contains_key(no)).map(|(_, to)| to.address.to_string()).collect();
        let once: BTreeSet<String> = got.iter().cloned().collect();
        prop_assert_eq!(once.len(), got.len(), "somebody gets it twice: {:?}", got);
        prop_assert_eq!(once, model(&graph, &to));
        // The facts alone come to the same.
        let mut standing = crate::Standing::new(draft.envelope.recipients.numbers());
        entry.facts.iter().for_each(|fact| standing.note(fact));
        let open: Vec<RcptNo> = standing.left().into_iter().map(|(no, _)| no).collect();
        prop_assert_eq!(open, recipients.numbers().collect::<Vec<_>>());
    }
}

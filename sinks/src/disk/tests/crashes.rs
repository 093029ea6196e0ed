//! A crash at every file call, with any subset of what was not synced: what was acknowledged is there, and nothing that
//! never was whole.

use std::sync::Arc;

use postrider_engine::{Durability, Entry, QueueId, Spool};
use proptest::prelude::*;

use super::{
    super::{faulty::*, *},
    harness::*,
    model::*,
};

fn eager() -> Settings {
    Settings { compact_from: 2, compact_above: 2, prepared_segments: 1, ..small() }
}

fn open_on(files: &FaultyFiles) -> Result<DiskSpool, OpenError> {
    open(eager(), Arc::new(files.clone()))
}

/// One life of the spool: batches until the crash at a call, or the end.
#[derive(Clone, Debug)]
struct Life {
    batches: Vec<Together>,
    /// Power goes away at this call; 0: the process is killed after the last batch.
    crash_at: u64,
    seed: u64,
}

fn life() -> impl Strategy<Value = Life> {
    let crash = prop_oneof![1 => Just(0_u64), 4 => 1..250_u64];
    (prop::collection::vec(together(), 1..25), crash, any::<u64>()).prop_map(|(batches, crash_at, seed)| Life {
        batches,
        crash_at,
        seed,
    })
}

/// Lives one life and gives the disk that it leaves.
fn live(model: &mut Model, files: FaultyFiles, life: &Life) -> Result<FaultyFiles, TestCaseError> {
    if life.crash_at > 0 {
        files.crash_at(life.crash_at);
    }
    if let Ok(mut spool) = open_on(&files) {
        let lives = life.batches.iter().all(|batch| model.apply(&mut spool, batch)) & model.answered();
        prop_assert!(lives || files.has_crashed(), "the spool failed by itself");
        // Asked once: the spool's threads go on, and may come to the crash only now.
        let (least, left) = match files.has_crashed() {
            true => (model.synced, files.after_power_loss(&mut chooser(life.seed))),
            false => (model.written, files.after_kill()),
        };
        drop(spool);
        // The first recovery may crash too.
        let mut again = open_on(&left).map_err(|error| TestCaseError::fail(format!("it does not open: {error}")))?;
        assert!(again.recovered().damage.is_empty(), "nothing was damaged: {:?}", again.recovered());
        let lost = left.after_power_loss(&mut chooser(life.seed ^ 1));
        model.rebase(&mut again, least)?;
        let mut twice = open_on(&lost).map_err(|error| TestCaseError::fail(format!("it does not open: {error}")))?;
        prop_assert_eq!(&model.states[0], &state_of(&mut twice), "power went away after the spool was opened");
        return Ok(left);
    }
    let left = files.after_power_loss(&mut chooser(life.seed));
    let mut again = open_on(&left).map_err(|error| TestCaseError::fail(format!("it does not open: {error}")))?;
    model.rebase(&mut again, model.synced)?;
    Ok(left)
}

/// A quarter of the usual cases: each is a whole life story.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.div_ceil(4), max_shrink_iters: 300, ..usual }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_history_with_any_crashes_is_recovered_as_it_was_acknowledged(lives in prop::collection::vec(life(), 1..5)) {
        let (mut model, mut files) = (Model::new(), FaultyFiles::new());
        for life in &lives {
            files = live(&mut model, files, life)?;
        }
    }
}

fn short() -> Vec<Together> {
    let mail = |recipients, octets| Step::Mail { recipients, octets };
    let fact = |mail, kind, recipient| Step::Fact { mail, kind, recipient };
    let remembered = |key, prepared| Step::Remembered { key, prepared, octets: 900 };
    let batch = |steps: &[Step], synced| Together { steps: steps.to_vec(), synced, waits: synced };
    vec![
        batch(&[mail(2, 700), mail(1, 5000)], true),
        batch(&[fact(0, 5, 1), fact(1, 6, 0)], false),
        batch(&[mail(3, 6000)], true),
        batch(&[fact(1, 0, 0)], false),
        batch(&[mail(1, 4000), fact(0, 9, 2)], true),
        batch(&[Step::Expand { mail: 2, recipient: 1, octets: 500 }], true),
        batch(&[mail(1, 5900)], true),
        batch(&[Step::Remembered { key: Some(1), prepared: false, octets: 300 }], true),
        batch(&[Step::Remembered { key: Some(1), prepared: false, octets: 20 }, remembered(None, true)], true),
        batch(&[fact(0, 0, 0), fact(1, 4, 0)], true),
        batch(&[Step::Ticket { mail: 1, redeemed: Some(true) }, Step::Ticket { mail: 1, redeemed: Some(false) }], true),
        batch(&[fact(4, 4, 0), fact(5, 0, 0)], true),
        batch(&[mail(1, 100)], true),
        batch(&[mail(1, 6000), mail(1, 6000), mail(1, 6000)], true),
    ]
}

#[test]
fn a_crash_at_each_call_of_a_short_history_loses_nothing() {
    let files = FaultyFiles::new();
    let mut model = Model::new();
    live(&mut model, files.clone(), &Life { batches: short(), crash_at: 0, seed: 0 }).unwrap();
    let calls = files.calls();
    assert!(calls > 50, "{calls}");
    for crash_at in 1..=calls {
        for seed in 0..4 {
            let (mut model, files) = (Model::new(), FaultyFiles::new());
            let left = live(&mut model, files, &Life { batches: short(), crash_at, seed });
            let left = left.unwrap_or_else(|error| panic!("crash at {crash_at}, seed {seed}: {error}"));
            let after = Life { batches: short(), crash_at: 40 + seed, seed };
            live(&mut model, left, &after).unwrap_or_else(|error| panic!("after crash at {crash_at}, {seed}: {error}"));
        }
    }
}

#[test]
fn of_a_batch_larger_than_a_segment_a_crash_leaves_its_first_entries_and_all_once_it_is_acknowledged() {
    let mut left = std::collections::BTreeSet::new();
    for crash_at in 1.. {
        let files = FaultyFiles::new();
        files.crash_at(crash_at);
        let Ok(mut spool) = try_open(Arc::new(files.clone())) else { continue };
        let mails = (0..3).map(|_| Entry::mail(draft(1, vec![b'x'; 6000]))).collect();
        let acknowledged = spool.try_put(mails, Durability::Synced).is_ok();
        let lost = files.after_power_loss(&mut chooser(u64::from(!acknowledged)));
        let found = try_open(Arc::new(lost)).unwrap().take_mails();
        assert_eq!(found, (1..).map(QueueId).take(found.len()).collect::<Vec<_>>(), "crash at {crash_at}");
        left.insert((acknowledged, found.len()));
        if acknowledged {
            break;
        }
    }
    let all = [(false, 0), (false, 2), (false, 3), (true, 3)];
    assert_eq!(left.into_iter().collect::<Vec<_>>(), all, "two have room in one segment");
}

#[test]
fn without_the_sync_an_acknowledged_mail_is_lost() {
    let files = FaultyFiles::new();
    let mut spool = open_on(&files).unwrap();
    files.trouble(Trouble { syncs_lie: true, ..Trouble::default() });
    let id = spool.mail(draft(1, "promised"));
    let after = |seed| {
        let mut spool = open_on(&files.after_power_loss(&mut chooser(seed))).unwrap();
        spool.take_mails()
    };
    assert_eq!((after(0), after(1)), (vec![], vec![id]), "the double takes what no sync has kept");
}

//! Equal diagnoses and host names share one place in memory: a hundred thousand mails for a dead hop all heard the same.

use std::{
    collections::{hash_map::RandomState, HashMap},
    hash::{BuildHasher, Hash, Hasher},
    sync::{Arc, Weak},
};

use postrider_engine::{Diagnosis, Fact, How};

/// What was said, by its hash. Nothing is kept alive by being in here.
#[derive(Default)]
pub(super) struct Interner {
    diagnoses: Shared<Diagnosis>,
    hosts: Shared<str>,
}

impl Interner {
    /// Puts shared values in the place of equal ones.
    pub fn share(&mut self, fact: &mut Fact) {
        match fact {
            Fact::Finished { how: How::Failed(why) | How::Confirm(_, Some(why)), .. } => self.diagnosis(why),
            Fact::Schedule { last: Some(last), .. } => self.diagnosis(last),
            Fact::Attempting { host, .. } => {
                self.hosts.share(host, |host, mut hasher| host.hash(&mut hasher));
            }
            _ => {}
        }
    }

    fn diagnosis(&mut self, diagnosis: &mut Arc<Diagnosis>) {
        self.diagnoses.share(diagnosis, |Diagnosis { reply, remote, .. }, mut hasher| {
            (reply.code, reply.enhanced, &*reply.text, remote).hash(&mut hasher);
        });
    }
}

struct Shared<T: ?Sized> {
    values: HashMap<u64, Weak<T>>,
    hasher: RandomState,
    prune_at: usize,
}

impl<T: ?Sized> Default for Shared<T> {
    fn default() -> Self {
        Shared { values: HashMap::new(), hasher: RandomState::new(), prune_at: 256 }
    }
}

impl<T: ?Sized + PartialEq> Shared<T> {
    fn share(&mut self, value: &mut Arc<T>, hash: impl Fn(&T, &mut dyn Hasher)) {
        let mut hasher = self.hasher.build_hasher();
        hash(value, &mut hasher);
        let key = hasher.finish();
        match self.values.get(&key).and_then(Weak::upgrade) {
            Some(known) if known == *value => *value = known,
            Some(_) => {}
            None => {
                self.values.insert(key, Arc::downgrade(value));
                self.prune();
            }
        }
    }

    fn prune(&mut self) {
        if self.values.len() >= self.prune_at {
            self.values.retain(|_, value| value.strong_count() > 0);
            self.prune_at = (self.values.len() * 2).max(256);
        }
    }
}

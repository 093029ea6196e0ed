//! Bindings come, go and change all the while, one change after the other.
//!
//! Rule: what the chains are after each change is worked out here, without asking the engine: its bindings are judged by
//! the mails alone.

use std::{sync::Arc, time::Duration};

use postrider::{
    events::{Categorize, EndOfData, Kind, PostCategorize, PreCategorize, Properties, Submission},
    Binding, BindingError, Change, Engine, Priority,
};
use tokio::{sync::oneshot, time::sleep};

use super::{
    editor::{Deeds, Editor},
    mail::draw,
    versions::{version, Bound, Clock, Version},
};

/// What KB836549 is about, and its neighbours: the service's own handler had 24575.
pub const PRIORITIES: [u16; 6] = [0, 24_574, 24_575, 24_576, 30_000, 32_767];
const IDS: [&str; 6] = ["p0", "p24574", "p24575", "p24576", "p30000", "p32767"];
const EVENTS: [&[Kind]; 6] = [
    &[Kind::EndOfData, Kind::Submission, Kind::PreCategorize],
    &[Kind::EndOfData, Kind::Submission],
    &[Kind::EndOfData, Kind::Submission],
    &[Kind::EndOfData, Kind::Submission, Kind::Categorize],
    &[Kind::EndOfData, Kind::Submission, Kind::PostCategorize],
    &[Kind::EndOfData, Kind::Submission],
];
/// The one that is bad on purpose is there all the time.
pub const SABOTEUR: &str = "saboteur";
/// Nobody needs longer who is not stuck; on a busy machine as well.
const SABOTEUR_LIMIT: Duration = Duration::from_millis(700);
const BETWEEN_CHANGES: Duration = Duration::from_millis(15);

/// The sink in this place, the first of its generation.
pub fn bound(place: usize, generation: usize) -> Bound {
    let id = IDS[place % IDS.len()];
    let (priority, events) = (PRIORITIES[place % PRIORITIES.len()], EVENTS[place % EVENTS.len()]);
    Bound { id, label: format!("{id}.{generation}").into(), priority, enabled: true, events }
}

/// The bad one.
pub fn saboteur() -> Bound {
    let events = &[Kind::EndOfData, Kind::Submission, Kind::PreCategorize];
    Bound { id: SABOTEUR, label: SABOTEUR.into(), priority: 24_575, enabled: true, events }
}

/// The binding of a sink.
pub fn binding(of: &Bound, deeds: Option<Arc<Deeds>>) -> Binding<Editor> {
    let (label, limited) = (Arc::clone(&of.label), deeds.is_some());
    let make = move || Editor { label: Arc::clone(&label), deeds: deeds.clone(), old: None };
    let mut binding = Binding::new(of.id, make).priority(priority(of.priority));
    if limited {
        binding = binding.time_limit(SABOTEUR_LIMIT);
    }
    for kind in of.events {
        binding = match kind {
            Kind::EndOfData => binding.on(EndOfData),
            Kind::Submission => binding.on(Submission),
            Kind::PreCategorize => binding.on(PreCategorize),
            Kind::Categorize => binding.on(Categorize),
            _ => binding.on(PostCategorize),
        };
    }
    binding
}

fn priority(number: u16) -> Priority {
    Priority::new(number).unwrap_or_default()
}

/// All that may change, and what it was.
pub struct Changes {
    engine: Engine,
    clock: Clock,
    /// In the order of binding.
    bound: Vec<Bound>,
    history: Vec<Version>,
}

impl Changes {
    pub fn new(engine: Engine, clock: Clock, bound: Vec<Bound>) -> Self {
        let history = vec![version(&bound)];
        Changes { engine, clock, bound, history }
    }

    /// Changes one binding after the other until it is told to stop; then says what was in force when.
    pub async fn go_on(mut self, mut stop: oneshot::Receiver<()>) -> Result<Vec<Version>, BindingError> {
        for number in 0u64.. {
            tokio::select! {
                _ = &mut stop => break,
                () = sleep(BETWEEN_CHANGES) => self.change(number).await?,
            }
        }
        Ok(self.history)
    }

    async fn change(&mut self, number: u64) -> Result<(), BindingError> {
        let place = draw(IDS.len() as u64, (number, "place")) as usize;
        let id = IDS[place];
        let Some(at) = self.bound.iter().position(|bound| bound.id == id) else {
            let new = bound(place, self.history.len());
            self.bound.push(new.clone());
            self.begin();
            self.engine.bind(binding(&new, None)).await?;
            self.clock.is_in_force();
            return Ok(());
        };
        if draw(3, (number, "unbinds")) == 0 {
            self.bound.remove(at);
            self.begin();
            self.engine.unbind(id).await?;
        } else {
            let change = altered(&mut self.bound[at], number);
            self.begin();
            self.engine.change_binding(id, change).await?;
        }
        self.clock.is_in_force();
        Ok(())
    }

    /// What is asked for now may be in force from now on.
    fn begin(&mut self) {
        self.history.push(version(&self.bound));
        self.clock.begin();
    }
}

fn altered(bound: &mut Bound, number: u64) -> Change {
    match draw(4, (number, "what")) {
        0 => {
            bound.priority = PRIORITIES[draw(PRIORITIES.len() as u64, (number, "priority")) as usize];
            Change::Priority(priority(bound.priority))
        }
        1 => Change::Properties(Properties::default()), // its guests are made anew
        _ => {
            bound.enabled = !bound.enabled;
            Change::Enabled(bound.enabled)
        }
    }
}

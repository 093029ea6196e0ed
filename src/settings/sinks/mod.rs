//! `[[sink]]`: sinks that come with the engine, bound by the settings.
//!
//! Rule: what can be wrong with a sink is found when the settings are read; a sink that did not change keeps its guests, and
//! what they remember, when settings are put in force anew.

#[cfg(feature = "stock")]
#[cfg_attr(not(feature = "convert"), path = "no_converting.rs")]
mod converting;
#[cfg(feature = "stock")]
mod keys;
#[cfg_attr(not(feature = "stock"), path = "no_stock.rs")]
mod stock;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use postrider_actors::chain::AnyBinding;
use postrider_engine::{events::Kind, BindingSettings, Convert, OnFault, Priority, Rule, WhenSuspended, MOST_GUESTS};
use postrider_sinks::relay::SystemResolver;
use stock::Stock;

use super::{
    raw::ValueKind,
    reader::Section,
    value::{text, Readable, Wrong},
    SettingsError,
};

/// How long a guest may have a mail, at most.
const LONGEST: Duration = Duration::from_secs(3600);

/// A sink of the stock, and how it is bound.
#[derive(Clone, Debug)]
pub struct Sink {
    binding: BindingSettings,
    events: Vec<Kind>,
    stock: Stock,
}

impl PartialEq for Sink {
    /// Settings are plain data: what they print is what they are.
    fn eq(&self, other: &Self) -> bool {
        self.written() == other.written()
    }
}

/// What sinks of the stock do their work by.
#[cfg_attr(not(feature = "stock"), allow(dead_code, reason = "there are none"))]
pub(crate) struct Means {
    /// Asks the DNS for lists.
    pub resolver: Arc<SystemResolver>,
    /// Converts mails.
    pub converters: Arc<dyn Convert>,
}

/// One event, by its name.
struct EventName(Kind);

impl Readable for EventName {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        text(value).and_then(Kind::named).map(EventName).ok_or("write the name of an event, as in docs/events.md")
    }
}

struct Number(Priority);

impl Readable for Number {
    fn read(value: &ValueKind) -> Result<Self, Wrong> {
        let number = u16::read(value).ok();
        number.and_then(Priority::new).map(Number).ok_or("write a number between 0 (first) and 32767 (last)")
    }
}

impl Sink {
    /// `None`: something is wrong with it, and was said.
    pub(super) fn read(mut from: Section<'_>, hostname: &str) -> Option<Self> {
        let kind: Option<String> = from.optional("kind");
        let Some(kind) = kind else {
            from.complain(
                "kind",
                "it is missing",
                format!("write kind = \"NAME\"; there are {}", stock::kinds().join(", ")),
            );
            return None;
        };
        let id = from.optional("id").unwrap_or_else(|| kind.clone());
        let stock = Stock::read(&kind, hostname, &mut from);
        let binding = binding(&mut from, id, stock.as_ref().is_some_and(Stock::remembers));
        let named: Vec<EventName> = from.list("events", Vec::new());
        let stock = stock?;
        let events: Vec<Kind> = match named.is_empty() {
            true => stock.events().first().copied().into_iter().collect(),
            false => named.into_iter().map(|EventName(kind)| kind).collect(),
        };
        for event in events.iter().filter(|event| !stock.events().contains(event)) {
            let may: Vec<&str> = stock.events().iter().map(|event| event.name()).collect();
            from.complain(
                "events",
                format!("{kind} takes no part in {event}"),
                format!("choose from {}", may.join(", ")),
            );
        }
        from.finish();
        Some(Sink { binding, events, stock })
    }

    /// What it says, whole.
    fn written(&self) -> String {
        format!("{self:?}")
    }

    /// To be bound.
    pub(crate) fn bind(&self, means: &Means) -> AnyBinding {
        self.stock.bind(self.binding.clone(), &self.events, means).made_of(self.written())
    }

    /// By which it is known.
    pub(super) fn id(&self) -> &str {
        &self.binding.id
    }
}

/// Each sink has an id of its own.
pub(super) fn bound_twice(sinks: &[Sink]) -> Vec<SettingsError> {
    let ids = sinks.iter().enumerate();
    let twice = ids.filter(|(at, sink)| sinks[..*at].iter().any(|other| other.id() == sink.id()));
    let error = |(_, sink): (usize, &Sink)| {
        let problem = format!("{:?} is bound twice", sink.id());
        SettingsError::new("sink.id", problem, "give each sink an id of its own")
    };
    twice.map(error).collect()
}

fn binding(from: &mut Section<'_>, id: String, remembers: bool) -> BindingSettings {
    let mut is = BindingSettings::new(id);
    let faults = [("refuse", OnFault::Refuse), ("bypass", OnFault::Bypass), ("hold", OnFault::Hold)];
    let suspended =
        [("keep_trying", WhenSuspended::KeepTrying), ("bypass", WhenSuspended::Bypass), ("hold", WhenSuspended::Hold)];
    is.display_name = from.value("display_name", is.display_name);
    is.enabled = from.value("enabled", is.enabled);
    is.priority = from.value("priority", Number(is.priority)).0;
    is.rule = rule(from);
    is.pool = match remembers {
        true => from.number("pool", 1, 1..=1), // its memory is one
        false => from.number("pool", is.pool, 1..=MOST_GUESTS),
    };
    is.time_limit = from.time("time_limit", is.time_limit, Duration::from_millis(1)..=LONGEST);
    is.waiting_limit = from.time("waiting_limit", is.waiting_limit, Duration::from_millis(1)..=LONGEST);
    is.on_fault = from.choice("on_fault", is.on_fault, &faults);
    is.faults = from.number("faults", is.faults, 1..=u32::MAX);
    is.when_suspended = from.choice("when_suspended", is.when_suspended, &suspended);
    is
}

fn rule(from: &mut Section<'_>) -> Rule {
    let text: Option<String> = from.optional("rule");
    let rule = text.map(|text| text.parse::<Rule>()).transpose();
    rule.inspect_err(|error| from.complain("rule", error.to_string(), "see docs/events.md, Rules"))
        .ok()
        .flatten()
        .unwrap_or_default()
}

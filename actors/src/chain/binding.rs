//! Bindings as programs make them: a kind of guest, the events it takes part in, and the settings.
//!
//! Rule: what a guest is made of leaves the thread of whoever binds it; the guest itself is made where it lives.

use std::{fmt, sync::Arc, time::Duration};

use actix::{Addr, Recipient};
use postrider_engine::{
    events::{Event, Kind, Properties, PropertiesFull, Sink},
    BindingScope, BindingSettings, OnFault, Priority, Rule, WhenSuspended,
};

use super::{link::AnyRecipient, BindingKey};
use crate::{
    guests::{Host, Quarters},
    messages::Ask,
};

/// Those who are asked, by event. Dropping it lets them go.
pub(super) struct Opened(Vec<(Kind, AnyRecipient)>);

impl Opened {
    pub(super) fn of(&self, kind: Kind) -> Option<AnyRecipient> {
        self.0.iter().find(|(of, _)| *of == kind).map(|(_, recipient)| Arc::clone(recipient))
    }
}

/// Makes those who are asked.
pub(super) trait Opens: Send + Sync {
    fn open(&self, key: BindingKey, settings: &Arc<BindingSettings>, quarters: &Quarters) -> Opened;
    fn kinds(&self) -> Vec<Kind>;
    /// Those who are asked keep the limits of time themselves.
    fn keeps_limits(&self) -> bool;
}

type Entrance<S> = fn(&Addr<Host<S>>) -> AnyRecipient;

struct Guests<S: Send + 'static> {
    make: Arc<dyn Fn(&Properties) -> S + Send + Sync>,
    entrances: Vec<(Kind, Entrance<S>)>,
}

impl<S: Send + 'static> Opens for Guests<S> {
    fn open(&self, key: BindingKey, settings: &Arc<BindingSettings>, quarters: &Quarters) -> Opened {
        let guests = match settings.scope {
            BindingScope::Engine => settings.pool,
            BindingScope::Session => 1,
        };
        let (settings, make, beat) = (Arc::clone(settings), Arc::clone(&self.make), quarters.beat.clone());
        let host = quarters.start(move || Host::new(key, settings, guests, make, beat));
        Opened(self.entrances.iter().map(|(kind, entrance)| (*kind, entrance(&host))).collect())
    }

    fn kinds(&self) -> Vec<Kind> {
        self.entrances.iter().map(|(kind, _)| *kind).collect()
    }

    fn keeps_limits(&self) -> bool {
        true
    }
}

fn entrance<S: Sink<E>, E: Event>(host: &Addr<Host<S>>) -> AnyRecipient {
    Arc::new(host.clone().recipient::<Ask<E>>())
}

struct Own(Vec<(Kind, AnyRecipient)>);

impl Opens for Own {
    fn open(&self, _: BindingKey, _: &Arc<BindingSettings>, _: &Quarters) -> Opened {
        Opened(self.0.clone())
    }

    fn kinds(&self) -> Vec<Kind> {
        self.0.iter().map(|(kind, _)| *kind).collect()
    }

    fn keeps_limits(&self) -> bool {
        false
    }
}

/// A binding in the making. `S` is the kind of guest; an actor of the user's own has none.
///
/// Without a call of [`Binding::on`] or [`Binding::asks`] it takes part in nothing, and is refused when it is bound.
#[must_use = "a binding has no effect until it is bound"]
pub struct Binding<S: Send + 'static = ()> {
    settings: BindingSettings,
    make: Arc<dyn Fn(&Properties) -> S + Send + Sync>,
    entrances: Vec<(Kind, Entrance<S>)>,
    own: Vec<(Kind, AnyRecipient)>,
}

impl<S: Send + 'static> Binding<S> {
    /// Guests that are made like this, each when it is first needed.
    pub fn new(id: impl Into<String>, make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self::with_properties(id, move |_| make())
    }

    /// Guests that are made of the binding's properties.
    pub fn with_properties(id: impl Into<String>, make: impl Fn(&Properties) -> S + Send + Sync + 'static) -> Self {
        let settings = BindingSettings::new(id);
        Binding { settings, make: Arc::new(make), entrances: Vec::new(), own: Vec::new() }
    }

    /// The guests take part in this event: `.on(EndOfData)`. They may in several.
    pub fn on<E: Event>(mut self, _: E) -> Self
    where
        S: Sink<E>,
    {
        self.entrances.retain(|(kind, _)| *kind != E::KIND);
        self.entrances.push((E::KIND, entrance::<S, E>));
        self
    }
}

impl Binding {
    /// An actor of the user's own is asked.
    pub fn actor(id: impl Into<String>) -> Self {
        Binding::new(id, || ())
    }

    /// The actor takes part in this event. It is asked as guests are; its limits are kept by whoever asks.
    pub fn asks<E: Event>(mut self, actor: Recipient<Ask<E>>) -> Self {
        self.own.push((E::KIND, Arc::new(actor)));
        self
    }
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $given:ty;)*) => {
        impl<S: Send + 'static> Binding<S> {
            $(
                $(#[$doc])*
                pub fn $name(mut self, $name: $given) -> Self {
                    self.settings.$name = $name.into();
                    self
                }
            )*
        }
    };
}

settings! {
    /// What people call it.
    display_name: impl Into<String>;
    /// Whether it takes part from the beginning.
    enabled: bool;
    /// When it runs: 0 is first. Default 24575.
    priority: Priority;
    /// For which mail it runs.
    rule: Rule;
    /// How long its guests live.
    scope: BindingScope;
    /// How many guests serve at a time. Default 16.
    pool: usize;
    /// How long a guest may have a mail. Default 30 s.
    time_limit: Duration;
    /// How long a mail waits for a guest. Default 30 s.
    waiting_limit: Duration;
    /// What becomes of the mail in its hands when it fails.
    on_fault: OnFault;
    /// It is suspended after so many faults in a row. Default 5.
    faults: u32;
    /// What becomes of mail then.
    when_suspended: WhenSuspended;
}

impl<S: Send + 'static> Binding<S> {
    /// A value that is given to each guest when it is made.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn property(mut self, name: &str, value: impl Into<String>) -> Result<Self, PropertiesFull> {
        self.settings.properties.set(name, value)?;
        Ok(self)
    }

    /// All of its settings at once.
    pub fn settings(mut self, settings: BindingSettings) -> Self {
        self.settings = settings;
        self
    }
}

/// A binding, whatever its guests are.
pub struct AnyBinding {
    pub(super) settings: BindingSettings,
    /// What its guests are made of, beyond the settings: by which a change is seen.
    pub(super) made_of: String,
    pub(super) opens: Arc<dyn Opens>,
}

impl AnyBinding {
    /// What its guests are made of, beyond the settings of the binding: settings that are put in force anew keep the guests
    /// of a binding that says the same.
    #[must_use]
    pub fn made_of(self, made_of: impl Into<String>) -> Self {
        AnyBinding { made_of: made_of.into(), ..self }
    }

    /// What it says.
    pub fn settings(&self) -> &BindingSettings {
        &self.settings
    }
}

impl<S: Send + 'static> From<Binding<S>> for AnyBinding {
    fn from(binding: Binding<S>) -> Self {
        let Binding { settings, make, entrances, own } = binding;
        let opens: Arc<dyn Opens> = match own.is_empty() {
            true => Arc::new(Guests { make, entrances }),
            false => Arc::new(Own(own)),
        };
        AnyBinding { settings, made_of: String::new(), opens }
    }
}

impl fmt::Debug for AnyBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("settings", &self.settings).field("events", &self.opens.kinds()).finish()
    }
}

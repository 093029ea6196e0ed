//! What can be wrong with a sink: each costs the mail in hand what the binding says, and nothing else.

use std::fmt;

/// How a sink failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It panicked.
    Panicked,
    /// It had the mail for longer than its time limit.
    Overran,
    /// It kept its thread to itself, so that nobody else there could go on.
    Blocked,
    /// No guest became free within the waiting limit.
    NoGuest,
    /// Others have blocked the thread again and again.
    Crowded,
    /// It is not there any more.
    Gone,
    /// It gave back something else than it was given.
    WrongMail,
    /// It says itself that it could not do its work.
    Unable,
    /// It says itself that it cannot deal with this mail, which would take more than a mail may, or is none that it knows. The
    /// next one has nothing to do with that.
    NotThisMail,
    /// It made of the mail what nobody may.
    Flaw(&'static str),
}

impl Fault {
    /// The mail in hand has nothing to do with it: it need only wait.
    pub fn is_of_the_sink_alone(self) -> bool {
        matches!(self, Fault::NoGuest | Fault::Crowded | Fault::Gone)
    }

    /// It says something about the sink, so it counts towards its suspension. That all are busy is no failure of those who
    /// are, and nobody suspends a sink for others by sending it mails that are too much for it.
    pub fn counts_against_the_sink(self) -> bool {
        !matches!(self, Fault::NoGuest | Fault::NotThisMail)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Panicked => "it panicked",
            Fault::Overran => "it took longer than its time limit",
            Fault::Blocked => "it blocked its thread",
            Fault::NoGuest => "no guest became free in time",
            Fault::Crowded => "others have blocked its thread again and again",
            Fault::Gone => "it is gone",
            Fault::WrongMail => "it answered with another mail",
            Fault::Unable => "it says that it could not do its work",
            Fault::NotThisMail => "it says that it cannot deal with this mail",
            Fault::Flaw(what) => what,
        })
    }
}

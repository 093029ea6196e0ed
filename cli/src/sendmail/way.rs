//! The two ways of a mail to the engine: its socket, and while it is down its pickup folder.
//!
//! Rule: a mail goes to the pickup folder only where it is known that the socket has not taken it. Where nobody knows it is sent
//! again through the socket, under the same key, and nowhere else: so it is never there twice. Where no more keys are remembered
//! it goes without one, and is not sent again.

use std::{
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant, SystemTime},
};

use postrider::{
    rules::{
        pickup::{envelope_lines, read_file},
        Making,
    },
    settings::Pickup,
    sinks::pickup::{self, PutError},
    Client, ConnectError, Draft, Engine, SendError,
};

use super::place::Place;
use crate::{exit, failure::Failure};

/// How long an engine that went away before it answered is waited for: a service manager starts it again within seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an engine with as many programs as it takes is waited for.
const CROWD: Duration = Duration::from_secs(5);
/// Nothing was taken, and it may be later. Not 75: any other sendmail says "queued" with it, and PHP's `mail()` is written to take
/// it for success, so its mail would be lost in silence.
const NOT_NOW: u8 = exit::SYSTEM;
/// Between two attempts to reach it.
const PAUSE: Duration = Duration::from_millis(100);

/// What has the mail.
#[derive(Debug, PartialEq, Eq)]
pub enum Safe {
    /// The engine, under this number.
    Queued(String),
    /// A file of a pickup folder.
    Waits(PathBuf),
    /// Nobody: a sink has taken it out, and that is as it should be.
    Discarded,
}

/// The way to one engine. The connection is made when it is needed, and kept.
#[derive(Debug)]
pub struct Way<'a> {
    place: &'a Place,
    client: Option<Client>,
}

/// Why the socket has not taken a mail.
enum NotTaken {
    /// Another way may.
    TryElsewhere(Failure),
    /// It remembers no more keys, and takes mail without one.
    WithoutKey,
    /// That is the end.
    Final(Failure),
    /// Nobody knows whether it has.
    Unknown(String),
}

impl<'a> Way<'a> {
    /// A way that nobody has gone yet.
    pub fn new(place: &'a Place) -> Self {
        Way { place, client: None }
    }

    /// Octets that a mail may have: what the engine says; what its settings say, while it does not answer.
    pub fn max_octets(&mut self) -> u64 {
        let from_settings = self.place.settings.limits.message_size;
        self.client().map_or(from_settings, |client| client.max_octets())
    }

    /// Sends a mail. When this returns the mail is safe on disk.
    ///
    /// # Errors
    /// Nobody has taken it, or nobody knows.
    pub fn send(&mut self, draft: &Draft) -> Result<Safe, Failure> {
        let key = unguessable()?;
        let sent = match self.by_socket(draft, Some(&key)) {
            Err(NotTaken::Unknown(why)) => return self.again(draft, &key, &why),
            // A file in its folder needs a key, too, and would wait until there is room again.
            Err(NotTaken::WithoutKey) => self.by_socket(draft, None),
            sent => sent,
        };
        match sent {
            Ok(safe) => Ok(safe),
            Err(NotTaken::TryElsewhere(failure)) => self.by_pickup(draft, failure),
            Err(NotTaken::Final(failure)) => Err(failure),
            Err(NotTaken::Unknown(why)) => Err(unknown(&why)),
            Err(NotTaken::WithoutKey) => Err(Failure::new(NOT_NOW, SendError::TooManyKeys)),
        }
    }

    fn client(&mut self) -> Result<Client, Failure> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let Some(socket) = self.place.socket.as_deref() else {
            return Err(Failure::new(exit::SETTINGS, "the engine has no socket for programs; set send.socket"));
        };
        let client = connected(socket).map_err(|error| unreached(&error))?;
        self.client = Some(client.clone());
        Ok(client)
    }

    fn by_socket(&mut self, draft: &Draft, key: Option<&str>) -> Result<Safe, NotTaken> {
        let client = self.client().map_err(NotTaken::TryElsewhere)?;
        let sending = client.send(draft.clone());
        let sending = match key {
            Some(key) => sending.key(key),
            None => sending,
        };
        match sending.blocking() {
            Ok(receipt) => Ok(Safe::Queued(receipt.id().to_string())),
            Err(SendError::Discarded) => Ok(Safe::Discarded),
            Err(error) => {
                self.client = None; // the next mail begins anew
                Err(not_taken(&error))
            }
        }
    }

    /// The engine went away before it answered. Under the same key it can be sent again, to it alone.
    fn again(&mut self, draft: &Draft, key: &str, why: &str) -> Result<Safe, Failure> {
        let ends = Instant::now() + PATIENCE;
        while Instant::now() < ends {
            sleep(PAUSE);
            match self.by_socket(draft, Some(key)) {
                Ok(safe) => return Ok(safe),
                Err(NotTaken::Final(failure)) if failure.code != NOT_NOW => return Err(failure),
                Err(_) => {}
            }
        }
        Err(unknown(why))
    }

    /// The first folder that takes it.
    fn by_pickup(&self, draft: &Draft, because: Failure) -> Result<Safe, Failure> {
        let mut first = None;
        for folder in &self.place.pickup {
            match self.put(folder, draft) {
                Ok(file) => return Ok(Safe::Waits(file)),
                Err(NotTaken::TryElsewhere(failure)) => drop(first.get_or_insert(failure)),
                Err(NotTaken::Final(failure)) => return Err(failure),
                Err(NotTaken::Unknown(why)) => return Err(Failure::new(exit::IO, why)),
                Err(NotTaken::WithoutKey) => {} // a file has none
            }
        }
        match first {
            Some(failure) => Err(Failure { text: format!("{}\n{}", because.text, failure.text), ..failure }),
            None => Err(because),
        }
    }

    /// Puts it into this folder, if the engine will take it for a mail: a file that it puts aside was not sent.
    fn put(&self, folder: &Pickup, draft: &Draft) -> Result<PathBuf, NotTaken> {
        let settings = &self.place.settings;
        let making = Making { now: SystemTime::now().into(), host: self.place.host(), unique: 0 };
        let broken = |error: std::io::Error| NotTaken::Final(Failure::new(exit::SYSTEM, error));
        let lines = envelope_lines(&draft.envelope).map_err(|error| unput(error.into()))?;
        let octets = draft.content.all(usize::MAX).map_err(broken)?;
        read_file(&[lines.as_bytes(), &octets].concat(), &settings.file_rules(folder), &making)
            .map_err(|problem| NotTaken::TryElsewhere(Failure::new(exit::DATA, problem)))?;
        pickup::put(&folder.folder, draft).map_err(unput)
    }
}

/// Of a crowd each gets his turn.
fn connected(socket: &Path) -> Result<Client, ConnectError> {
    let ends = Instant::now() + CROWD;
    loop {
        match Engine::connect(socket) {
            Err(ConnectError::Busy { .. }) if Instant::now() < ends => sleep(PAUSE),
            connected => return connected,
        }
    }
}

fn unput(error: PutError) -> NotTaken {
    let code = match &error {
        PutError::Unknown { .. } => return NotTaken::Unknown(error.to_string()), // it may be there: nowhere else then
        PutError::NotPermitted(_) => exit::NOT_PERMITTED,
        PutError::Unsayable(_) => exit::DATA,
        error if error.is_temporary() => NOT_NOW,
        _ => exit::CANNOT_CREATE,
    };
    NotTaken::TryElsewhere(Failure::new(code, error))
}

fn unreached(error: &ConnectError) -> Failure {
    let code = match error {
        ConnectError::NotPermitted { .. } => exit::NOT_PERMITTED,
        error if error.is_temporary() => NOT_NOW,
        _ => exit::SETTINGS,
    };
    Failure::new(code, error)
}

fn not_taken(error: &SendError) -> NotTaken {
    let with = |code| Failure::new(code, error);
    match error {
        SendError::Unknown(why) => NotTaken::Unknown(why.to_string()),
        SendError::TooManyKeys => NotTaken::WithoutKey,
        SendError::NoEngine { .. } | SendError::Stopped(_) | SendError::Busy => NotTaken::TryElsewhere(with(NOT_NOW)),
        SendError::InsideSink => NotTaken::Final(with(exit::SOFTWARE)),
        error if error.is_temporary() => NotTaken::Final(with(NOT_NOW)),
        _ => NotTaken::Final(with(exit::DATA)),
    }
}

fn unknown(why: &str) -> Failure {
    let what = format!("nobody knows whether the mail was taken: {why}; it may be there twice if it is sent again");
    Failure::new(NOT_NOW, what)
}

/// A number that no other mail has, and that nobody can guess.
///
/// # Errors
/// The system has none to give.
pub fn number() -> Result<u128, Failure> {
    let mut octets = [0; 16];
    match rustix::rand::getrandom(&mut octets, rustix::rand::GetRandomFlags::empty()) {
        Ok(16) => Ok(u128::from_le_bytes(octets)),
        _ => Err(Failure::new(exit::SYSTEM, "the system gives no random number; try again")),
    }
}

fn unguessable() -> Result<String, Failure> {
    number().map(|number| format!("sendmail/{number:032x}"))
}

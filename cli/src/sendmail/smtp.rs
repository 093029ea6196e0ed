//! `sendmail -bs`: SMTP on standard input and output, for programs that keep one sendmail for several mails.
//!
//! Rule: 250 behind a mail means the same as an exit code of 0: it is safe on disk. Who can run this may send to anybody, so
//! nobody is asked where a mail goes.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use bytes::BytesMut;
use postrider::rules::{
    session::{Flushed, Phase},
    Action, Arrival, Peer, Reply, Session, SessionSettings,
};

use super::{
    author::Author,
    header::Parts,
    mail::finished,
    making,
    place::Place,
    way::{number, Safe, Way},
};
use crate::{
    exit,
    failure::{Done, Failure},
};

/// Octets that are read at once.
const CHUNK: usize = 64 << 10;

const NOT_NOW: Reply = Reply::new(451, 4, 3, "The mail was not taken; send it again later");
const NOT_AT_ALL: Reply = Reply::new(554, 5, 6, "The mail cannot be taken as it is");

/// Serves whoever is at standard input, to the end of the dialogue.
pub fn serve(place: &Place) -> Done {
    let session = session(place)?;
    let dialogue = Dialogue { session, place, way: Way::new(place), who: Author::of_this_process(), content: None };
    dialogue.run(io::stdin().lock(), io::stdout().lock())
}

fn session(place: &Place) -> Result<Session, Failure> {
    let mut settings = SessionSettings::new(place.host());
    settings.trusted = true;
    let limits = &place.settings.limits;
    (settings.limits.message_size, settings.limits.recipients) = (limits.message_size, limits.recipients_per_mail);
    Ok(Session::new(Arc::new(settings), Peer::default(), format!("{:x}", number()?)))
}

/// One dialogue.
struct Dialogue<'a> {
    session: Session,
    place: &'a Place,
    way: Way<'a>,
    who: Author,
    /// What came of a mail; bounded by the session's limit.
    content: Option<Vec<u8>>,
}

impl Dialogue<'_> {
    fn run(mut self, mut from: impl Read, mut to: impl Write) -> Done {
        let broken = |error: io::Error| Failure::new(exit::IO, format!("the dialogue broke: {error}"));
        let (mut input, mut output) = (BytesMut::new(), Vec::new());
        let (mut ends, mut chunk) = (LineEnds::default(), vec![0; CHUNK]);
        self.session.greeting().write_to(&mut output);
        loop {
            let goes_on = self.turn(&mut input, &mut output);
            to.write_all(&output).and_then(|()| to.flush()).map_err(broken)?;
            output.clear();
            if !goes_on || self.session.phase() == Phase::Closed {
                return Ok(());
            }
            match from.read(&mut chunk) {
                Ok(0) => return self.end(),
                Ok(came) => ends.add(&chunk[..came], &mut input),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(error)),
            }
        }
    }

    /// The client has gone. A mail that was begun is its own still.
    fn end(mut self) -> Done {
        match self.session.eof() {
            true => Err(Failure::new(exit::DATA, "the input ended within a mail, which was not sent")),
            false => Ok(()),
        }
    }

    /// All that the octets at hand say. `false`: the dialogue is over.
    fn turn(&mut self, input: &mut BytesMut, output: &mut Vec<u8>) -> bool {
        while let Some(action) = self.session.step(input) {
            match action {
                Action::Reply(reply) => reply.write_to(output),
                Action::BeginContent { .. } => self.content = Some(Vec::new()),
                Action::Content(octets) => self.content.iter_mut().for_each(|all| all.extend_from_slice(&octets)),
                Action::Abandon => self.content = None,
                Action::Commit(arrival) => self.commit(*arrival),
                Action::Flush(_) => self.session.flushed(Flushed::Unable),
                Action::Close | Action::StartTls => return false,
                // Sinks see the mail where the engine is.
                Action::Ask(_) | Action::Oversize(_) => return false,
            }
        }
        true
    }

    fn commit(&mut self, arrival: Arrival) {
        match self.send(arrival) {
            Ok(Safe::Queued(id)) => self.session.committed(Ok(&id)),
            Ok(Safe::Waits(file)) => {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                self.session.committed(Ok(&name));
            }
            Ok(Safe::Discarded) => self.session.taken(Default::default()),
            Err(failure) => {
                let reply = if failure.code == exit::DATA { NOT_AT_ALL } else { NOT_NOW };
                failure.tell();
                self.session.committed(Err(reply));
            }
        }
    }

    fn send(&mut self, arrival: Arrival) -> Result<Safe, Failure> {
        let making = making(self.place)?;
        let octets = self.content.take().unwrap_or_default();
        let parts = Parts::of(&octets.into(), making.host);
        let mut envelope = arrival.envelope;
        (envelope.peer, envelope.arrived) = (Peer::default(), making.now);
        self.way.send(&finished(envelope, parts, None, &self.who, &making)?)
    }
}

/// How the client ends its lines, which its first line says: a script that writes LF gets CRLF, and a client that writes CRLF is
/// read as SMTP has it, where a bare LF ends nothing.
#[derive(Debug, Default)]
struct LineEnds {
    /// A first line has come, and whether it ended with a bare LF.
    are_bare: Option<bool>,
    /// The last octet was a CR.
    after_return: bool,
}

impl LineEnds {
    fn add(&mut self, octets: &[u8], input: &mut BytesMut) {
        if self.are_bare == Some(false) {
            return input.extend_from_slice(octets);
        }
        for &octet in octets {
            if octet == b'\n' {
                let are_bare = *self.are_bare.get_or_insert(!self.after_return);
                if are_bare && !self.after_return {
                    input.extend_from_slice(b"\r");
                }
            }
            input.extend_from_slice(&[octet]);
            self.after_return = octet == b'\r';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_how_lines_end() {
        let table: [(&[u8], &[u8]); 4] = [
            (b"A\nb\nc\r\n", b"A\r\nb\r\nc\r\n"),
            (b"A\r\nb\nc\r\n", b"A\r\nb\nc\r\n"),
            (b"A", b"A"),
            (b"\n\r", b"\r\n\r"),
        ];
        for (came, read) in table {
            for step in 1..=came.len() {
                let (mut ends, mut input) = (LineEnds::default(), BytesMut::new());
                came.chunks(step).for_each(|part| ends.add(part, &mut input));
                assert_eq!(input, read, "{came:?} by {step}");
            }
        }
    }
}

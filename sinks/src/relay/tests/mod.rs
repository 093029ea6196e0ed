//! A relay against peers that play a script.
//!
//! Rule: a script is the whole dialogue. `C:` is what the client must say, line by line; `S:` is what the peer answers.
//! The peer speaks only when the client has said exactly what stands before, so that a client that runs ahead, or
//! behind, is found out.

mod chunks;
mod converted;
mod data;
mod dialogue;
mod economy;
mod hosts;
mod kept;
mod lmtp;
mod needs;
mod peer;
pub(crate) mod spool;
mod streams;

use std::{io, sync::Arc, time::Duration};

use postrider_engine::{Address, Content, Draft, Envelope, SideFile};

use super::{
    connection::Connection,
    defer,
    transaction::{Ended, Fit, Job},
    RelaySettings,
};
use peer::Peer;
use spool::Spool;

const NAME: &str = "mx[192.0.2.1]:25";

struct File(Vec<u8>);

impl SideFile for File {
    fn name(&self) -> &str {
        "file"
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        Ok(n)
    }
}

/// A side file with these octets.
pub(crate) fn side_file(octets: &[u8]) -> Arc<dyn SideFile> {
    Arc::new(File(octets.to_vec()))
}

/// A mail from `a@x.org` to `r0@y.org`, `r1@y.org` ...
pub(crate) fn mail(recipients: usize, content: &str) -> Draft {
    let mut envelope = Envelope::default();
    envelope.sender = Some(address("a@x.org"));
    for no in 0..recipients {
        envelope.recipients.add(address(&format!("r{no}@y.org")));
    }
    Draft::new(envelope, Content::new(content.to_owned()))
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn settings() -> RelaySettings {
    RelaySettings::new(vec!["mx.example.org".parse().unwrap()], "me.example.org").unwrap()
}

/// What came of it, in words.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Played {
    /// A line for each recipient of each mail, and one for each connection that was of no use any more.
    outcomes: Vec<String>,
    /// What the spool was told before a final dot: `0,1 to host`.
    attempts: Vec<String>,
}

impl Played {
    pub(crate) fn came_to(&self, expected: &[&str]) {
        assert_eq!(self.outcomes, expected);
    }
}

/// Carries the mails one after the other over one connection to a peer with this script.
async fn play(script: &str, mails: Vec<Draft>) -> Played {
    play_with(script, mails, &settings()).await
}

async fn play_with(script: &str, mails: Vec<Draft>, settings: &RelaySettings) -> Played {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let spool = Spool::default();
    let client = async {
        let mut connection = match Connection::greet(ours, NAME.into(), settings).await {
            Ok(connection) => connection,
            Err(trouble) => return spool.note(format!("no greeting: {trouble}")),
        };
        for draft in mails {
            let ended = connection.carry(Job { lease: spool.lend(draft), known: Default::default() }, settings).await;
            match ended {
                Ended::Answered(Fit::Yes) => connection.rest(),
                Ended::Answered(Fit::No) => spool.note("spent".into()),
                Ended::SpoolGone => spool.note("spool gone".into()),
                Ended::Lost(job, why) => {
                    spool.note("lost".into());
                    defer(job, &why);
                }
            }
        }
    };
    let mut peer = Peer::new(theirs);
    let both = async { tokio::join!(client, peer.play(script)) };
    tokio::time::timeout(Duration::from_secs(7200), both).await.expect("both come to an end");
    peer.expect_nothing_more().await;
    spool.played()
}

/// Greeting and EHLO before the script proper; the offers are keywords with their parameters, one on each line.
fn greeted(offers: &str, rest: &str) -> String {
    let mut script = String::from("S: 220 mx ESMTP\nC: EHLO me.example.org\nS: 250-mx\n");
    offers.lines().for_each(|line| script += &format!("S: 250-{line}\n"));
    script + "S: 250 HELP\n" + rest
}

//! A target of one's own: mail for every domain becomes a line on the terminal.
//!
//! Copy this file into a new crate that depends on `postrider` alone. The engine does the rest: the queue, the retries,
//! the reports.

use postrider::{
    actix::System,
    rules::{After, BoxFuture, Diagnosis, Lease, Outcome, Outcomes, Reply, Scope, Target},
    Engine, Settings,
};

const TAKEN: Reply = Reply::new(250, 0, 0, "printed");
const LATER: Reply = Reply::new(451, 3, 0, "the mail cannot be read at present");
/// Octets of a header that are looked at.
const HEADER: usize = 64 << 10;

struct Terminal;

impl Target for Terminal {
    /// The lease must be settled: one that is dropped comes home as abandoned and is tried again.
    fn deliver(&mut self, lease: Lease) -> BoxFuture<'_, After> {
        Box::pin(async move {
            let outcomes = lease.slip().map(|slip| {
                let how = match slip.draft.content.header(HEADER) {
                    Ok(header) => {
                        println!("mail with {} octets of header", header.len());
                        Outcome::Delivered(Some(Diagnosis::own(Scope::Mail, TAKEN)))
                    }
                    Err(_) => Outcome::Deferred(Diagnosis::own(Scope::Mail, LATER)),
                };
                slip.recipients.iter().map(|no| (*no, how.clone())).collect::<Outcomes>()
            });
            lease.settle(outcomes.unwrap_or_default());
            After::Reusable
        })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_toml(
        r#"
        hostname = "mail.example.org"
        listen.sockets = ["127.0.0.1:2525"]
        relay.networks = ["127.0.0.0/8"]

        [[route]]
        domain = "*"
        to = "target:terminal"
        "#,
    )?;
    let engine = Engine::builder(settings).target("terminal", || Terminal).start()?;
    println!("listening on {:?}", engine.addresses());
    println!("{:?}", System::new().block_on(engine.ended()));
    Ok(())
}

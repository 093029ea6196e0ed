//! A sink of one's own: what comes by SMTP must have a subject, and is stamped.
//!
//! Copy this file into a new crate that depends on `postrider` alone. It is a relay with its sink bound; send it something
//! at 127.0.0.1:2525 and look at what came in `postrider-data/mail`.

use postrider::{
    actix::System,
    events::{EndOfData, Message, Sink, Verdict},
    rules::Reply,
    Binding, Engine, Settings,
};

const NO_SUBJECT: Reply = Reply::new(550, 6, 0, "A mail without a subject is not taken here");

/// A guest. There are 16 of them, each serves one mail at a time, and `seen` is its own.
struct Subjects {
    seen: u64,
}

impl Sink<EndOfData> for Subjects {
    async fn on(&mut self, mut mail: Message<EndOfData>) -> Verdict<EndOfData> {
        self.seen += 1;
        let seen = self.seen.to_string();
        let stamped = mail.content_mut().edit_header(|header| {
            let subject = header.first("Subject").map(|field| field.text().into_owned());
            header.add("X-Guest-Has-Seen", &seen)?;
            Ok(subject.unwrap_or_default())
        });
        match stamped {
            Ok(subject) if subject.is_empty() => mail.reject(NO_SUBJECT),
            Ok(_) => mail.next(),
            Err(error) => {
                println!("the header cannot be read: {error}");
                mail.next()
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let binding = Binding::new("subjects", || Subjects { seen: 0 }).on(EndOfData).rule("DOOR=smtp".parse()?);
    let engine = Engine::builder(Settings::load(None)?).bind(binding).start()?;
    println!("listening on {:?}", engine.addresses());
    println!("{:?}", System::new().block_on(engine.ended()));
    Ok(())
}

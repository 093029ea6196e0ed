use postrider_engine::events::{EndOfData, Message, Sink, Submission, Verdict};

struct Mine;

impl Sink<EndOfData> for Mine {
    async fn on(&mut self, mail: Message<EndOfData>) -> Verdict<EndOfData> {
        Message::<Submission>::new(mail.into_parts()).next()
    }
}

fn main() {
    let _: Option<Verdict<Submission>> = None;
}

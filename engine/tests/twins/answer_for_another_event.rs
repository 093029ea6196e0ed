use postrider_engine::events::{EndOfData, Message, Sink, Submission, Verdict};

struct Mine;

impl Sink<EndOfData> for Mine {
    async fn on(&mut self, mail: Message<EndOfData>) -> Verdict<EndOfData> {
        mail.next()
    }
}

fn main() {
    let _: Option<Verdict<Submission>> = None;
}

use postrider_engine::events::{EndOfData, Message, Sink, Submission, Verdict};

struct Mine;

impl Sink<EndOfData> for Mine {
    async fn on(&mut self, mail: Message<EndOfData>) -> Verdict<EndOfData> {
        mail.next()
    }
}

fn bind<E: postrider_engine::events::Event>(_: E, _: impl Sink<E>) {}

fn main() {
    bind(EndOfData, Mine);
    let _ = Submission;
}

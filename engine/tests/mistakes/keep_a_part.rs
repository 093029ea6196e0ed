use postrider_engine::events::{EndOfData, Message, Verdict};

fn on(mail: Message<EndOfData>) -> Verdict<EndOfData> {
    let envelope = mail.envelope();
    let verdict = mail.next();
    println!("{envelope:?}");
    verdict
}

fn main() {
    let _ = on;
}

use postrider_engine::events::{EndOfData, Message, Verdict};

fn on(mail: Message<EndOfData>) -> Verdict<EndOfData> {
    let verdict = mail.next();
    println!("{:?}", mail.envelope());
    verdict
}

fn main() {
    let _ = on;
}

use postrider_engine::events::{EndOfData, Message, Verdict};

fn on(mail: Message<EndOfData>) -> Verdict<EndOfData> {
    println!("{:?}", mail.envelope());
    mail.next()
}

fn main() {
    let _ = on;
}

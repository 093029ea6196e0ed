use postrider_engine::events::{EndOfData, Message, Verdict};

fn on(mail: Message<EndOfData>) -> Vec<Verdict<EndOfData>> {
    vec![mail.next(), mail.discard()]
}

fn main() {
    let _ = on;
}

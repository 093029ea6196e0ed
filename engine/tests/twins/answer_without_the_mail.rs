use postrider_engine::events::{EndOfData, Message, Turn, Verdict};

fn on(mail: Message<EndOfData>) -> (Verdict<EndOfData>, Turn) {
    (mail.next(), Turn::Next)
}

fn main() {
    let _ = on;
}

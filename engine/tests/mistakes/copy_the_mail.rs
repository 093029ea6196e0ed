use postrider_engine::events::{EndOfData, Message, Verdict};

fn on(mail: Message<EndOfData>) -> [Verdict<EndOfData>; 1] {
    [mail.clone().next()]
}

fn main() {
    let _ = on;
}

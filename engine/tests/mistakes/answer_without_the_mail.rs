use postrider_engine::events::{EndOfData, Message, Turn, Verdict};

fn on(mail: Message<EndOfData>) -> (Verdict<EndOfData>, Turn) {
    (Verdict { turn: Turn::Next }, mail.next().open().1)
}

fn main() {
    let _ = on;
}

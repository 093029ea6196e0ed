use postrider_engine::events::{Categorize, Message};

fn on(mut mail: Message<Categorize>) {
    mail.recipients_mut();
}

fn main() {
    let _ = on;
}

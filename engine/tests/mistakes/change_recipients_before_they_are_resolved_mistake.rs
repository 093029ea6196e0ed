use postrider_engine::events::{PreCategorize, Message};

fn on(mut mail: Message<PreCategorize>) {
    mail.recipients_mut();
}

fn main() {
    let _ = on;
}

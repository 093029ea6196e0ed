use postrider_engine::events::{Message, PreCategorize};

fn on(mut mail: Message<PreCategorize>) {
    mail.recipients_mut();
}

fn main() {
    let _ = on;
}

use postrider_engine::events::{EndOfData, EndOfHeaders, Looking, Message};

fn on(mut mail: Message<EndOfData>) {
    mail.content_mut();
}

fn main() {
    let _: (fn(_), Option<(Looking<EndOfHeaders>, Message<EndOfData>)>) = (on, None);
}

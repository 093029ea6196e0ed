use postrider_engine::events::{Message, PostCategorize, Routing};

fn on(mut mail: Routing) {
    mail.content_mut();
}

fn main() {
    let _: (fn(_), Option<(Routing, Message<PostCategorize>)>) = (on, None);
}

use postrider_engine::{
    events::{Message, PostCategorize, Verdict},
    Moment,
};

fn on(mail: Message<PostCategorize>, until: Moment) -> Verdict<PostCategorize> {
    mail.defer(until)
}

fn main() {
    let _ = on;
}

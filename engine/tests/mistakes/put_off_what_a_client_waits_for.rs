use postrider_engine::{
    events::{Message, Submission, Verdict},
    Moment,
};

fn on(mail: Message<Submission>, until: Moment) -> Verdict<Submission> {
    mail.defer(until)
}

fn main() {
    let _ = on;
}

use postrider_engine::{
    events::{Message, Submission},
    RcptNo, Reply,
};

fn on(mut mail: Message<Submission>) {
    mail.refuse(RcptNo(0), Reply::new(550, 1, 1, "no"));
}

fn main() {
    let _ = on;
}

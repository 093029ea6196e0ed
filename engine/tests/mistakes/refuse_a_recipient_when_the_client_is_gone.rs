use postrider_engine::{
    events::{Message, PostCategorize},
    RcptNo, Reply,
};

fn on(mut mail: Message<PostCategorize>) {
    mail.refuse(RcptNo(0), Reply::new(550, 1, 1, "no"));
}

fn main() {
    let _ = on;
}

use postrider_engine::{
    events::{Command, RcptTo},
    Reply,
};

fn on(mut command: Command<RcptTo>) {
    command.answer(Reply::new(250, 0, 0, "fine"));
}

fn main() {
    let _ = on;
}

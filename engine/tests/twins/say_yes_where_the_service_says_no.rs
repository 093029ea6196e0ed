use postrider_engine::{
    events::{Command, Vrfy},
    Reply,
};

fn on(mut command: Command<Vrfy>) {
    command.answer(Reply::new(250, 0, 0, "fine"));
}

fn main() {
    let _ = on;
}

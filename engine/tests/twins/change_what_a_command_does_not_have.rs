use postrider_engine::events::{Command, RcptTo};

fn on(mut command: Command<RcptTo>) {
    command.set_argument("<a@b>");
}

fn main() {
    let _ = on;
}

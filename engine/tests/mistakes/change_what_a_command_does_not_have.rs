use postrider_engine::events::{Command, Data};

fn on(mut command: Command<Data>) {
    command.set_argument("<a@b>");
}

fn main() {
    let _ = on;
}

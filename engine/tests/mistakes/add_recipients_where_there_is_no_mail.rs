use postrider_engine::{
    events::{Command, Helo},
    Address,
};

fn on(mut command: Command<Helo>, address: Address) {
    command.add_recipient(address);
}

fn main() {
    let _ = on;
}

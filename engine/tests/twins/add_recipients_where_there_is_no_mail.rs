use postrider_engine::{
    events::{Command, RcptTo},
    Address,
};

fn on(mut command: Command<RcptTo>, address: Address) {
    command.add_recipient(address);
}

fn main() {
    let _ = on;
}

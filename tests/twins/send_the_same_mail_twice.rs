use postrider::{rules::NewMail, Engine};

fn send(engine: &Engine, mail: NewMail, other: NewMail) {
    let _ = engine.send_blocking(mail);
    let _ = engine.send_blocking(other);
}

fn main() {
    let _ = send;
}

use postrider::{rules::NewMail, Engine};

fn send(engine: &Engine, mail: NewMail) {
    let copy = mail.clone();
    let _ = engine.send_blocking(copy);
}

fn main() {
    let _ = send;
}

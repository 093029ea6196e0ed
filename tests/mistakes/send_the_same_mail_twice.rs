use postrider::{rules::NewMail, Engine};

fn send(engine: &Engine, mail: NewMail) {
    let _ = engine.send_blocking(mail);
    let _ = engine.send_blocking(mail);
}

fn main() {
    let _ = send;
}

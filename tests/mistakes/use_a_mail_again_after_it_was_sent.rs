use postrider::{rules::NewMail, Engine};

async fn to_each(engine: &Engine, mail: NewMail, addresses: [&str; 2]) {
    let _ = engine.send(mail.to(addresses[0])).await;
    let _ = engine.send(mail.to(addresses[1])).await;
}

fn main() {
    let _ = to_each;
}

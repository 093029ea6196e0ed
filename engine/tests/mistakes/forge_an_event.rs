use postrider_engine::events::Event;

struct Mine;

impl Event for Mine {
    const KIND: postrider_engine::events::Kind = postrider_engine::events::Kind::Data;
    type Given = postrider_engine::events::Routing;
}

fn main() {
    let _ = Mine;
}

use postrider_engine::events::Event;

struct Mine;

fn known<E: Event>(_: E) {}

fn main() {
    let _ = Mine;
}

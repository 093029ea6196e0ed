//! Dialogues with a session, and a model that knows nothing of how it works.

//! Encryption at rest: envelope, keys, private files written atomically. It knows no store.

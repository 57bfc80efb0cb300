//! Talking to servers: one client, its trust, its retry policy, its errors. It knows no provider.

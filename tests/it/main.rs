//! The program as its users meet it, through its binary: one module a part.

mod formats;
#[cfg(test)]
mod local;

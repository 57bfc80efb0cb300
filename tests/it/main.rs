//! The program as its users meet it, through its binary: one module a part.

#[cfg(test)]
mod local;

//! The command line as users type it: options in odd places, typos, commands that need a shell, and
//! arguments that turn out to be secrets.
//! Must not test what a store or a format does.

mod arguments;
mod complete;
mod hints;
mod infisical;
mod status;

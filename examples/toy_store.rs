//! hushed with one more store, for the tests: what `tests/it/registry/toy.rs` holds is all that a new
//! store needs. It is no part of the product.

use std::process::ExitCode;

use hushed::ClearingAllocator;
use hushed::provider::{Registry, StoreType, dotenv, infisical, local};

#[path = "../tests/it/registry/toy.rs"]
mod toy;

#[global_allocator]
static ALLOCATOR: ClearingAllocator = ClearingAllocator::new();

static STORES: [&dyn StoreType; 4] =
    [&local::LocalType, &infisical::InfisicalType, &dotenv::DotenvType, &toy::ToyType];

fn main() -> ExitCode {
    hushed::main_with(Registry::new(&STORES)).into()
}

//! Infisical as its users meet it: the binary against the test server.
//! Must not repeat what unit tests show, but that it holds from end to end.
//!
//! The traps of the server's contract, by their usual numbers, and the test that walks into each: a
//! module here, or in `provider::infisical` where a unit test is nearer (`unit`).
//!
//! | trap | test, or why it cannot concern us |
//! |---|---|
//! | 1 three generations, changed defaults and names | `generation::every_generation_gives_the_same_environment`, `flag::every_parameter_is_said_to_the_server`, `unit list::every_parameter_is_sent_sorted_to_every_generation` |
//! | 2 an old server is a route-level 404 | `generation::a_server_without_v4_is_asked_in_v3_and_only_then`, `unit tests::an_older_server_is_asked_its_own_way_from_then_on` |
//! | 3 what is missing is 200 and empty | `nothing::what_is_missing_is_told_with_what_there_is`, `nothing::emptiness_is_an_error_even_where_nothing_may_be_looked_up` |
//! | 4 a tree by prefix | `generation::a_tree_is_what_is_below_a_folder_and_not_what_begins_like_it` |
//! | 5 hidden values | `generation::a_value_that_may_not_be_read_is_an_error_that_names_the_key`, `unit wire::a_hidden_value_is_no_value`; what the server drops from imports and subfolders it does not mention |
//! | 6 the later import wins | `generation::every_generation_gives_the_same_environment` |
//! | 7 sparse rows of imports | `generation::every_generation_gives_the_same_environment`, `unit wire::a_row_needs_a_key_and_nothing_else` |
//! | 8 a missing reference; one that may not be read | `generation::every_generation_gives_the_same_environment` (`LOST` is as the server has it), `generation::a_reference_to_what_may_not_be_read_is_told` |
//! | 9 values of several lines come back quoted | `generation::every_generation_gives_the_same_environment` (`LINES`), `unit multiline::a_value_is_restored_only_when_it_was_surely_rewritten` |
//! | 10 writes trim values | `writing::what_the_server_would_change_is_not_sent` |
//! | 11 a write may be an approval | `writing::a_refused_write_tells_why` |
//! | 12 entity tags | no condition is sent and nothing is cached between runs |
//! | 13 no pages; bodies over 1 MiB | no body of ours is near it; long answers: `body::a_body_that_cannot_be_read_is_told` |
//! | 14 no bearer at a login | `login::a_client_id_and_its_secret_log_in` and the other methods |
//! | 15 an expired JWT is 403 `TokenError` | `renewal::one_new_login_replaces_a_token_that_ended` |
//! | 16 three bad logins lock | `retry::a_refused_login_is_never_repeated`, `renewal::requests_that_fail_together_log_in_once` |
//! | 17 the packing for AWS | hushed has no such method |
//! | 18 GCP, TLS certificates | the same |
//! | 19 `expiresIn` is the configured one | it is not read: a run is over long before, and `renewal::one_new_login_replaces_a_token_that_ended` |
//! | 20 two names of the organisation | `login::an_organisation_is_named_to_servers_of_both_spellings` |
//! | 21 service tokens | `login::a_service_token_shows_the_server_three_of_its_four_parts`, `renewal::a_service_token_that_is_wrong_is_told` |
//! | 22 the browser's login | hushed has no such method |
//! | 23 projects by slug are bare, by id wrapped | `generation::a_slug_is_found_on_every_generation`, `unit wire::a_project_is_wrapped_or_bare` |
//! | 24 dynamic secrets | none are read |
//! | 25 `v2/folders` wants `path` | `nothing::what_is_missing_is_told_with_what_there_is`: the test server wants it too |
//! | 26 KMS | not used |
//! | 27 webhooks | not used |
//! | 28 the stream of events | not used |
//! | 29 a validation error's message is an array | `retry::a_request_of_the_wrong_shape_is_told_and_no_reason_to_log_in_again`, `unit tests::a_validation_error_is_no_reason_to_log_in_again` |
//! | 30 how rate limits are said | `retry::what_may_pass_is_asked_again`, `retry::a_limit_that_is_only_in_the_message_is_kept` |
//! | 31 a path outside `/api` is HTML and 200 | `body::a_body_that_cannot_be_read_is_told` |

mod body;
mod child;
mod credential;
mod fixture;
mod flag;
mod generation;
mod json;
mod login;
mod machine;
mod nothing;
mod origin;
mod permission;
mod progress;
mod proxy;
mod renewal;
mod retry;
mod revoke;
mod signal;
mod together;
mod trust;
mod writing;

use std::{fs, path::Path};

/// Keeps the table above true: each test that it names is there.
#[test]
fn every_trap_has_a_test_that_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = include_str!("mod.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
    let rows: Vec<&str> =
        table.filter(|row| row.starts_with(|c: char| c.is_ascii_digit())).collect();
    let numbers: Vec<&str> = rows.iter().filter_map(|row| row.split(' ').next()).collect();
    assert_eq!(numbers, (1..=31).map(|number| number.to_string()).collect::<Vec<_>>());
    for name in rows.iter().flat_map(|row| row.split('`')).filter(|name| name.contains("::")) {
        let (folder, name) = match name.strip_prefix("unit ") {
            Some(name) => ("src/provider/infisical", name),
            None => ("tests/it/infisical", name),
        };
        let (module, function) = name.split_once("::").unwrap();
        let file = root.join(folder).join(format!("{module}.rs"));
        let text = fs::read_to_string(file).unwrap_or_else(|_| {
            // A module of several files.
            let files = fs::read_dir(root.join(folder).join(module)).unwrap();
            files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
        });
        assert!(text.contains(&format!("fn {function}()")), "there is no test {name}");
    }
}

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hushed_global_optspecs
    string join \n h/help V/version
end

function __fish_hushed_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hushed_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hushed_using_subcommand
    set -l cmd (__fish_hushed_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hushed -n "__fish_hushed_needs_command" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_needs_command" -s V -l version -d 'Print version'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "run" -d 'Run a command with its secrets'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "plan" -d 'Show which variables a run would set, and where they come from; no values'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "why" -d 'Show every candidate for one variable, and which wins; no values'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "redact" -d 'Pass standard input on with every secret kept out of it'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "export" -d 'Write the secrets in a format that another program reads'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "secrets" -d 'List, read and change secrets'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "cache" -d 'Show, check or clear what is kept of what a server gave'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "doctor" -d 'Check the configuration, the way to the servers, the login and the rights'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "attest" -d 'Say what holds on this machine of what hushed promises about memory and disk'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "init" -d 'Write a commented hushed.toml, or a systemd unit'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "trust" -d 'Trust the server that this project\'s files send your credentials to'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "completions" -d 'Print a shell\'s completions'
complete -c hushed -n "__fish_hushed_using_subcommand run" -s c -l command -d 'Run STRING by `$SHELL -c STRING`, or by /bin/sh where SHELL is not set' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand run" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l only -d 'Use only secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l exclude -d 'Leave out secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l prefix -d 'Put this before every name' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l rename -d 'Give the secret A the variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l preserve-env -d 'Let the inherited value win: for all variables, or for these' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l clean-env -d 'Inherit nothing but what --keep names' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l keep -d 'Globs of the variables that --clean-env keeps' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l allow-reserved -d 'Let a source set these reserved variables all the same' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l pass-credentials -d 'Leave hushed\'s own credentials in the command\'s environment' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact -d 'Keep every secret out of the command\'s output' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l init -d 'Do the duties of PID 1: reap orphans, end what is left behind' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand run" -l kill-after -d 'Send SIGKILL this long after SIGTERM [default: never; 10s with --init]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l terminal -d 'What takes the place of a terminal: shared, inner or off' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l no-redact -d 'Let the values of these secrets be seen' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-also -d 'Keep out this variable\'s or this file\'s value too; repeatable' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-min -d 'Keep out values from this length on [default: 6]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-encodings -d 'Look for these encodings of each value [default: all]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-label -d 'Put this in the place of a value [default: `[hushed:NAME]`]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-report -d 'Write to FILE which name was redacted how often, at the end' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand run" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l only -d 'Use only secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l exclude -d 'Leave out secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l prefix -d 'Put this before every name' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l rename -d 'Give the secret A the variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l preserve-env -d 'Let the inherited value win: for all variables, or for these' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l clean-env -d 'Inherit nothing but what --keep names' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l keep -d 'Globs of the variables that --clean-env keeps' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l allow-reserved -d 'Let a source set these reserved variables all the same' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l pass-credentials -d 'Leave hushed\'s own credentials in the command\'s environment' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact -d 'Keep every secret out of the command\'s output' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l init -d 'Do the duties of PID 1: reap orphans, end what is left behind' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l kill-after -d 'Send SIGKILL this long after SIGTERM [default: never; 10s with --init]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l terminal -d 'What takes the place of a terminal: shared, inner or off' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l no-redact -d 'Let the values of these secrets be seen' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-also -d 'Keep out this variable\'s or this file\'s value too; repeatable' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-min -d 'Keep out values from this length on [default: 6]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-encodings -d 'Look for these encodings of each value [default: all]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-label -d 'Put this in the place of a value [default: `[hushed:NAME]`]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-report -d 'Write to FILE which name was redacted how often, at the end' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand why" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand why" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l only -d 'Use only secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l exclude -d 'Leave out secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l prefix -d 'Put this before every name' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l rename -d 'Give the secret A the variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l preserve-env -d 'Let the inherited value win: for all variables, or for these' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l clean-env -d 'Inherit nothing but what --keep names' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l keep -d 'Globs of the variables that --clean-env keeps' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l allow-reserved -d 'Let a source set these reserved variables all the same' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l pass-credentials -d 'Leave hushed\'s own credentials in the command\'s environment' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand why" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand why" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand why" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l values-fd -d 'Keep out the values on this descriptor too: one a line, or parted by NULs' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l no-redact -d 'Let the values of these secrets be seen' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-also -d 'Keep out this variable\'s or this file\'s value too; repeatable' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-min -d 'Keep out values from this length on [default: 6]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-encodings -d 'Look for these encodings of each value [default: all]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-label -d 'Put this in the place of a value [default: `[hushed:NAME]`]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-report -d 'Write to FILE which name was redacted how often, at the end' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand export" -s f -l format -d 'dotenv (default), shell, json, yaml, csv, docker, systemd, kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s o -l output -d 'Write to FILE, which only you can read, instead of standard output' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand export" -l manifest-name -d 'The name of the Secret in a kubernetes manifest' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand export" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l only -d 'Use only secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l exclude -d 'Leave out secrets that match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l prefix -d 'Put this before every name' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l rename -d 'Give the secret A the variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l preserve-env -d 'Let the inherited value win: for all variables, or for these' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l clean-env -d 'Inherit nothing but what --keep names' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l keep -d 'Globs of the variables that --clean-env keeps' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l allow-reserved -d 'Let a source set these reserved variables all the same' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l pass-credentials -d 'Leave hushed\'s own credentials in the command\'s environment' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand export" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand export" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "list" -d 'List names and places; values only with --reveal'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "get" -d 'Print the bare value of one secret; exit code 1 when there is none'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "set" -d 'Store a secret in the local store: its value from a prompt, standard input or a file'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "delete" -d 'Delete a secret from the local store'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l reveal -d 'Print the values too'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l file -d 'Read the value from FILE, every byte of it' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -f -a "status" -d 'Show what is kept for these settings: names, age, size; no values'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -f -a "verify" -d 'Open what is kept for these settings; exit code 1 where something does not open'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -f -a "clear" -d 'Destroy what is kept for these settings, or all'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l all -d 'Destroy all entries of the directory, whoever can open them'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l systemd-unit -d 'Check the systemd unit FILE too' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l source -d 'Use only this source; repeated, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s e -l env -d 'The environment: its slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l path -d 'The folder; may be repeated, and the later wins [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l project -l projectId -d 'The project: its id or its slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l recursive -d 'Take the folders below as well' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s t -l tags -d 'Take only secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l include-imports -d 'Take what the folders import [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l expand -d 'Let the server resolve references [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l secret-overriding -d 'Let personal secrets win over shared ones [default: true]' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l domain -d 'The Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l method -d 'How to log in: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l token -d 'A ready token. `ps` shows it: prefer `INFISICAL_TOKEN` or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l token-file -d 'A file that holds a token' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-id -d 'The client id, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-id-file -d 'A file that holds the client id' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-secret -d 'The client secret. `ps` shows it: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-secret-file -d 'A file that holds the client secret' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l machine-identity-id -d 'The machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l machine-identity-id-file -d 'A file that holds the machine identity\'s id' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l jwt -d 'The JWT. `ps` shows it: prefer `INFISICAL_JWT` or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l jwt-file -d 'A file that holds the JWT' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l service-account-token-path -d 'The service account\'s token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ldap-username -d 'The user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ldap-username-file -d 'A file that holds the user name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ldap-password-file -d 'A file that holds the password, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l organization-slug -d 'The (sub-)organisation to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l revoke-token -d 'End the access token that hushed logs in for, when it is done' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l insecure-http -d 'Allow http:// to a host that is not this machine' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l key-file -d 'The key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l passphrase-file -d 'A file that holds the passphrase of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache -d 'Keep what servers gave: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-max-age -d 'How old it may be to stand in for a server [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l offline -d 'Ask no server: use the cache, or fail' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-key -d 'What opens it: credential, keyring, file, systemd, passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-key-file -d 'Its key file, made when there is none' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-passphrase-file -d 'A file that holds its passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-token -d 'Keep the access token of a login too' -r -f -a "true\t''
false\t''"
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-dir -d 'Its directory [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l timeout -d 'How long logging in and fetching may take in all [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l disk-free -d 'Write nothing, as the kernel enforces; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s v -l verbose -d 'Say on standard error what was done'
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand init" -s o -l output -d 'Write the unit to FILE instead of standard output' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand init" -l local -d 'Make a sealed store and its key, whatever else is found'
complete -c hushed -n "__fish_hushed_using_subcommand init" -l systemd -d 'Print a systemd unit that runs COMMAND with this project\'s hushed.toml'
complete -c hushed -n "__fish_hushed_using_subcommand init" -l force -d 'Overwrite FILE if it exists'
complete -c hushed -n "__fish_hushed_using_subcommand init" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand trust" -l revoke -d 'Take the trust back'
complete -c hushed -n "__fish_hushed_using_subcommand trust" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand completions" -s h -l help -d 'Print help'

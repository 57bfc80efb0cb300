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
complete -c hushed -n "__fish_hushed_needs_command" -f -a "run" -d 'Run a command with secrets in its environment'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "plan" -d 'Show which variables `run` would set and where they come from, without values'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "why" -d 'Show every candidate for one variable and which one wins, without values'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "redact" -d 'Copy standard input to standard output with all secrets redacted'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "export" -d 'Write the secrets in a format for another program'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "secrets" -d 'List, read, and change secrets'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "login" -d 'Log in, and print the access token'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "token" -d 'Renew an access token'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "cache" -d 'Show, verify, or clear the cache of fetched secrets'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "doctor" -d 'Check configuration, connectivity, login, and permissions'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "attest" -d 'Check what this machine guarantees about memory, swap, and disk'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "init" -d 'Create a commented hushed.toml, or a systemd unit'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "trust" -d 'Trust the server addresses in this project\'s files'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "schema" -d 'Print the JSON Schema of hushed.toml, for editors'
complete -c hushed -n "__fish_hushed_needs_command" -f -a "completions" -d 'Print a shell completion script'
complete -c hushed -n "__fish_hushed_using_subcommand run" -s c -l command -d 'Run STRING with `$SHELL -c`, or with /bin/sh if SHELL is not set' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand run" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l only -d 'Use only the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l exclude -d 'Leave out the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l prefix -d 'Prefix every variable name with TEXT' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l rename -d 'Pass secret A as variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l preserve-env -d 'Keep the inherited value when a name is set in both' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l clean-env -d 'Inherit only the variables that --keep matches' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l keep -d 'Variables to inherit in spite of --clean-env' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l allow-reserved -d 'Let a source set these reserved variables' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l pass-credentials -d 'Pass hushed\'s own credentials on to the command' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact -d 'Replace every secret in the output of the command by a label' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l init -d 'Act as PID 1: reap orphans, and end what the command leaves behind' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l kill-after -d 'Send SIGKILL this long after SIGTERM [default: never; 10s with --init]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l terminal -d 'Terminal of a redacted command: auto, shared, inner or off' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l no-redact -d 'Do not redact these secrets' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-also -d 'Redact the value of this variable or file too; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-min -d 'Redact values of at least this length [default: 6]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-encodings -d 'Look for these encodings of each value [default: all]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-label -d 'Replace values by TEXT [default: `[hushed:NAME]`]' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -l redact-report -d 'Write to FILE how often each name was redacted' -r
complete -c hushed -n "__fish_hushed_using_subcommand run" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand run" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l only -d 'Use only the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l exclude -d 'Leave out the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l prefix -d 'Prefix every variable name with TEXT' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l rename -d 'Pass secret A as variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l preserve-env -d 'Keep the inherited value when a name is set in both' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l clean-env -d 'Inherit only the variables that --keep matches' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l keep -d 'Variables to inherit in spite of --clean-env' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l allow-reserved -d 'Let a source set these reserved variables' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l pass-credentials -d 'Pass hushed\'s own credentials on to the command' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact -d 'Replace every secret in the output of the command by a label' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l init -d 'Act as PID 1: reap orphans, and end what the command leaves behind' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l kill-after -d 'Send SIGKILL this long after SIGTERM [default: never; 10s with --init]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l terminal -d 'Terminal of a redacted command: auto, shared, inner or off' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l no-redact -d 'Do not redact these secrets' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-also -d 'Redact the value of this variable or file too; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-min -d 'Redact values of at least this length [default: 6]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-encodings -d 'Look for these encodings of each value [default: all]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-label -d 'Replace values by TEXT [default: `[hushed:NAME]`]' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l redact-report -d 'Write to FILE how often each name was redacted' -r
complete -c hushed -n "__fish_hushed_using_subcommand plan" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand plan" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand why" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand why" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l only -d 'Use only the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l exclude -d 'Leave out the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l prefix -d 'Prefix every variable name with TEXT' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l rename -d 'Pass secret A as variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l preserve-env -d 'Keep the inherited value when a name is set in both' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l clean-env -d 'Inherit only the variables that --keep matches' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l keep -d 'Variables to inherit in spite of --clean-env' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l allow-reserved -d 'Let a source set these reserved variables' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l pass-credentials -d 'Pass hushed\'s own credentials on to the command' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand why" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand why" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand why" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l values-fd -d 'Also redact the values read from descriptor FD, separated by newlines or NUL bytes' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l no-redact -d 'Do not redact these secrets' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-also -d 'Redact the value of this variable or file too; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-min -d 'Redact values of at least this length [default: 6]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-encodings -d 'Look for these encodings of each value [default: all]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-label -d 'Replace values by TEXT [default: `[hushed:NAME]`]' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l redact-report -d 'Write to FILE how often each name was redacted' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand redact" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand export" -s f -l format -d 'Output format: dotenv (default), shell, json, yaml, csv, docker, systemd, kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s o -l output -l output-file -d 'Write to FILE with mode 0600 instead of standard output' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand export" -l manifest-name -d 'The name of the Secret in the kubernetes format' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand export" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l only -d 'Use only the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l exclude -d 'Leave out the secrets whose names match one of these globs' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l prefix -d 'Prefix every variable name with TEXT' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l rename -d 'Pass secret A as variable B; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l transform -d 'Spell names as upper-snake, camel, lower-kebab, tf-var or dotnet' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l require -d 'Start nothing unless a source gives these variables a value' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l preserve-env -d 'Keep the inherited value when a name is set in both' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l clean-env -d 'Inherit only the variables that --keep matches' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l keep -d 'Variables to inherit in spite of --clean-env' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l allow-reserved -d 'Let a source set these reserved variables' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l pass-credentials -d 'Pass hushed\'s own credentials on to the command' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand export" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand export" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "list" -d 'List names and where they come from; values only with --reveal'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "get" -d 'Print the values of secrets; the exit status is 1 if one does not exist'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "set" -d 'Set a secret in the local store; the value is read from a prompt, standard input, or a file'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and not __fish_seen_subcommand_from list get set delete" -f -a "delete" -d 'Delete a secret from the local store'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s o -l output -d 'Print names and values as json, yaml, or dotenv' -r -f -a "json\t'A list of objects with `secretKey` and `secretValue`'
yaml\t'The same list in YAML'
dotenv\t'`NAME=\'VALUE\'` lines'"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l reveal -l plain -d 'Also print the values'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s o -l output -d 'Print names and values as json, yaml, or dotenv' -r -f -a "json\t'A list of objects with `secretKey` and `secretValue`'
yaml\t'The same list in YAML'
dotenv\t'`NAME=\'VALUE\'` lines'"
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -l plain -d 'End each value with a newline, also when the output is not a terminal'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l file -d 'Read the value from FILE, byte for byte' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand secrets; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -l plain -d 'Print only the token (always the case)'
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand login; and not __fish_seen_subcommand_from status" -f -a "status" -d 'Check that logging in works; the exit status is 1 if it does not'
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand login; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand token; and not __fish_seen_subcommand_from renew" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand token; and not __fish_seen_subcommand_from renew" -f -a "renew" -d 'Extend the lifetime of the configured access token, and print the token to use'
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -l plain -d 'Print only the token (always the case)'
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand token; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -f -a "status" -d 'Show the cache entries for these settings: names, age, and size, without values'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -f -a "verify" -d 'Decrypt the cache entries for these settings; the exit status is 1 if one fails'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and not __fish_seen_subcommand_from status verify clear" -f -a "clear" -d 'Delete the cache entries for these settings, or all entries'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -l all -d 'Delete all entries in the cache directory, including those of other settings'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand cache; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l systemd-unit -d 'Also check the systemd unit FILE' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l config -d 'Use this configuration instead of the project\'s hushed.toml' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l profile -d 'Use this profile of the configuration' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l silent -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l telemetry -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s l -l log-level -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l log-format -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l log-destination -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l source -d 'Use only this source; repeat to use several, in this order' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l env-file -d 'Read this dotenv file after all other sources; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l set -d 'Set one setting of one source; may be repeated' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l key-file -d 'Key file of the local store' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l passphrase-file -d 'Read the passphrase of the local store from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l domain -d 'Infisical server [default: app.infisical.com]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l project -l projectId -d 'Project: its ID or slug' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s e -l env -d 'Environment slug [default: dev]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l path -d 'Folder; may be repeated, and later folders win [default: /]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l recursive -d 'Include subfolders' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s t -l tags -d 'Use only the secrets with one of these tags' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l include-imports -d 'Include what the folders import [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l expand -d 'Let the server expand references [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l secret-overriding -d 'Let personal secrets override shared ones [default: true]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l organization-slug -d '(Sub-)organization to log in to' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l method -d 'Login method: universal-auth, kubernetes, oidc-auth, jwt-auth, ldap-auth or token' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-id -d 'Client ID, for universal-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-id-file -d 'Read the client ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-secret-file -d 'Read the client secret from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l token-file -d 'Read the access token from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l machine-identity-id -d 'Machine identity, for kubernetes, oidc-auth, jwt-auth and ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l machine-identity-id-file -d 'Read the machine identity ID from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l jwt-file -d 'Read the JWT from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l service-account-token-path -d 'Service account token, for kubernetes' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ldap-username -d 'User name, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ldap-username-file -d 'Read the user name from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ldap-password-file -d 'Read the password from FILE, for ldap-auth' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l client-secret -d 'Client secret; visible in `ps`: prefer its variable or --client-secret-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l token -d 'Access token; visible in `ps`: prefer INFISICAL_TOKEN or --token-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l jwt -d 'JWT; visible in `ps`: prefer INFISICAL_JWT or --jwt-file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l ca-file -d 'Trust only the certificate authorities in this PEM file' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l insecure-http -d 'Allow http:// to a host other than this machine' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l revoke-token -d 'Revoke the access token when it is no longer needed' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l timeout -d 'Time limit for logging in and fetching [default: 30s]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l allow-empty -d 'Accept an environment or folder that is missing or empty' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache -d 'Keep what a server returns: off (default), fallback, ttl=TIME' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-max-age -d 'Use cached secrets up to this age [default: 24h]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l offline -d 'Use the cache alone; contact no server' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-key -d 'Key: credential, keyring, file, systemd or passphrase' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-key-file -d 'Key file of the cache; created if missing' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-passphrase-file -d 'Read the passphrase of the cache from FILE' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-token -d 'Cache the access token too' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l cache-dir -d 'Directory of the cache [default: ~/.cache/hushed]' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l disk-free -d 'Write nothing to disk, enforced by the kernel; or `best-effort`' -r
complete -c hushed -n "__fish_hushed_using_subcommand attest" -l json -d 'Print JSON'
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s v -l verbose -d 'Print what hushed does to standard error'
complete -c hushed -n "__fish_hushed_using_subcommand attest" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand init" -s o -l output -d 'Write the unit to FILE instead of standard output' -r -F
complete -c hushed -n "__fish_hushed_using_subcommand init" -l local -d 'Create an encrypted local store and its key, even if another source is found'
complete -c hushed -n "__fish_hushed_using_subcommand init" -l systemd -d 'Print a systemd unit that runs COMMAND with this project\'s hushed.toml'
complete -c hushed -n "__fish_hushed_using_subcommand init" -l force -d 'Overwrite FILE if it exists'
complete -c hushed -n "__fish_hushed_using_subcommand init" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand trust" -l revoke -d 'Revoke trust'
complete -c hushed -n "__fish_hushed_using_subcommand trust" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand schema" -s h -l help -d 'Print help'
complete -c hushed -n "__fish_hushed_using_subcommand completions" -s h -l help -d 'Print help'

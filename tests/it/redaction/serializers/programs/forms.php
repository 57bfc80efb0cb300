<?php
// Prints each value in each form that PHP has: php forms.php NAME…, the values in variables of these names.
function shown(callable $show): string { ob_start(); $show(); return ob_get_clean(); }

$forms = [
    'echo' => fn($v) => $v,
    'json_encode' => fn($v) => json_encode(['key' => $v]),
    'json_encode, pretty' => fn($v) => json_encode([$v], JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE),
    'json_encode, slashes' => fn($v) => json_encode($v, JSON_UNESCAPED_SLASHES),
    'json_encode, hex' => fn($v) => json_encode($v, JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT),
    'json in json' => fn($v) => json_encode(json_encode([$v])),
    'var_export' => fn($v) => var_export(['key' => $v], true),
    'var_dump' => fn($v) => shown(fn() => var_dump([$v])),
    'print_r' => fn($v) => print_r(['key' => $v], true),
    'serialize' => fn($v) => serialize([$v]),
    'urlencode' => fn($v) => urlencode($v),
    'rawurlencode' => fn($v) => rawurlencode($v),
    'http_build_query' => fn($v) => http_build_query(['a' => $v]),
    'htmlspecialchars' => fn($v) => htmlspecialchars($v),
    'htmlentities' => fn($v) => htmlentities($v, ENT_QUOTES | ENT_HTML5),
    'addslashes' => fn($v) => addslashes($v),
    'addcslashes' => fn($v) => addcslashes($v, "\0..\37\177..\377\"\\"),
    'quotemeta' => fn($v) => quotemeta($v),
    'preg_quote' => fn($v) => preg_quote($v, '/'),
    'escapeshellarg' => fn($v) => "'" . str_replace("'", "'\\''", $v) . "'",
    'base64_encode' => fn($v) => base64_encode($v),
    'chunk_split' => fn($v) => chunk_split(base64_encode($v)),
    'bin2hex' => fn($v) => bin2hex($v),
    'quoted_printable_encode' => fn($v) => quoted_printable_encode($v),
    'Exception' => fn($v) => (string) new Exception($v),
];
foreach ($forms as $form => $write) {
    foreach (array_slice($argv, 1) as $name) {
        echo "\n@@ $name $form\n", $write(getenv($name)), "\n";
    }
}

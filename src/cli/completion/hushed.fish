# Completion of hushed for fish. It asks hushed for the candidates, and completes the wrapped command with that
# command's own completion.
function __hushed_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    set -l lines (command hushed __complete (math (count $words) - 1) $words 2>/dev/null)
    switch "$lines[1]"
        case 'command *'
            set -l offset (math (string replace 'command ' '' -- $lines[1]) + 1)
            set -l before
            test $offset -lt (count $words); and set before (string escape -- $words[$offset..-2])
            complete -C (string join ' ' -- $before "$current")
        case words
            printf '%s\n' $lines[2..-1]
        case '*'
            __fish_complete_path "$current"
    end
end

complete -c hushed -f -a '(__hushed_complete)'

# Completion of hushed for bash. It asks hushed for the candidates, and completes the wrapped command with that
# command's own completion.
_hushed() {
    local cur prev i kind line
    local -a merged=() start=()
    # Join the words that bash splits at `=` and `:`.
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        local n=${#merged[@]}
        if ((i > 0 && n > 0)) && [[ ${COMP_WORDS[i]} == [=:] || ${COMP_WORDS[i - 1]} == [=:] ]]; then
            merged[n - 1]+=${COMP_WORDS[i]}
        else
            merged[n]=${COMP_WORDS[i]}
            start[n]=$i
        fi
        if ((i == COMP_CWORD)); then local index=$((${#merged[@]} - 1)); fi
    done
    cur=${merged[index]}
    local -a lines=()
    while IFS= read -r line; do lines+=("$line"); done \
        < <(command hushed __complete "$index" "${merged[@]}" 2>/dev/null)
    COMPREPLY=()
    kind=${lines[0]-files}
    case $kind in
    command\ *)
        local offset=${start[${kind#command }]}
        if declare -F _comp_command_offset >/dev/null; then
            _comp_command_offset "$offset"
        elif declare -F _command_offset >/dev/null; then
            _command_offset "$offset"
        else
            _hushed_wrapped "$offset"
        fi
        ;;
    files)
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${cur##*=}")
        ;;
    *)
        for line in "${lines[@]:1}"; do
            line=${line%%$'\t'*}
            [[ $line == "$cur"* ]] || continue
            # bash replaces only what follows the last `=`.
            [[ $cur == *=* ]] && line=${line#*=}
            COMPREPLY+=("$line")
        done
        [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
        ;;
    esac
}

# Completes the command that begins at word $1, without bash-completion.
_hushed_wrapped() {
    local offset=$1 spec function word
    COMP_WORDS=("${COMP_WORDS[@]:offset}")
    ((COMP_CWORD -= offset))
    COMP_LINE="${COMP_WORDS[*]}"
    COMP_POINT=${#COMP_LINE}
    word=${COMP_WORDS[COMP_CWORD]}
    if ((COMP_CWORD == 0)); then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$word")
        return
    fi
    spec=$(complete -p -- "${COMP_WORDS[0]##*/}" 2>/dev/null)
    if [[ $spec =~ -F\ ([^ ]+) ]]; then
        function=${BASH_REMATCH[1]}
        "$function" "${COMP_WORDS[0]}" "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
    elif [[ $spec =~ -W\ \'([^\']*)\' ]]; then
        while IFS= read -r line; do COMPREPLY+=("$line"); done \
            < <(compgen -W "${BASH_REMATCH[1]}" -- "$word")
    else
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    fi
}

complete -F _hushed hushed

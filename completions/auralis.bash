# bash completion of auralis. Rendered by `make completions` from the command tree; do not edit.

_auralis() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb="" choices="" i
    COMPREPLY=()
    # bash makes three words of --option=value
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $prev == "=" ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --color|--progress)
                [[ ${COMP_WORDS[i+1]} == "=" ]] && ((i++))
                ((i++)) ;;
            -*) ;;
            *)
                verb=${COMP_WORDS[i]}
                break ;;
        esac
    done
    case $verb:$prev in
        :--color)
            COMPREPLY=($(compgen -W 'auto always never' -- "$cur"))
            return ;;
        :--progress)
            COMPREPLY=($(compgen -W 'auto always never json' -- "$cur"))
            return ;;
        master:--preset)
            COMPREPLY=($(compgen -W 'adaptive gentle warm bright punchy live' -- "$cur"))
            return ;;
        master:--intensity)
            :
            return ;;
        master:--loudness)
            :
            return ;;
        master:--target)
            COMPREPLY=($(compgen -W 'streaming apple broadcast podcast loud' -- "$cur"))
            return ;;
        master:--ceiling)
            :
            return ;;
        master:--bits)
            COMPREPLY=($(compgen -W '16 24 32f' -- "$cur"))
            return ;;
        master:--dither)
            COMPREPLY=($(compgen -W 'tpdf none' -- "$cur"))
            return ;;
        master:--rate)
            :
            return ;;
        master:--report)
            _auralis_files "$cur"
            return ;;
        master:--progress)
            COMPREPLY=($(compgen -W 'auto always never json' -- "$cur"))
            return ;;
        analyze:--progress)
            COMPREPLY=($(compgen -W 'auto always never json' -- "$cur"))
            return ;;
        verify:--target)
            COMPREPLY=($(compgen -W 'streaming apple broadcast podcast loud' -- "$cur"))
            return ;;
        verify:--progress)
            COMPREPLY=($(compgen -W 'auto always never json' -- "$cur"))
            return ;;
        doctor:--progress)
            COMPREPLY=($(compgen -W 'auto always never json' -- "$cur"))
            return ;;
        completion:--progress)
            COMPREPLY=($(compgen -W 'auto always never json' -- "$cur"))
            return ;;
    esac
    if [[ $cur == -* ]]; then
        case $verb in
            '') choices='--color --version -q --quiet -v --verbose --progress -h --help' ;;
            master) choices='--preset --intensity --loudness --target --ceiling --bits --dither --rate --report --explain --force -n --dry-run --json -q --quiet -v --verbose --progress -h --help' ;;
            analyze) choices='--json --jsonl -q --quiet -v --verbose --progress -h --help' ;;
            verify) choices='--target --json --jsonl -q --quiet -v --verbose --progress -h --help' ;;
            doctor) choices='--json -q --quiet -v --verbose --progress -h --help' ;;
            completion) choices='-q --quiet -v --verbose --progress -h --help' ;;
        esac
        COMPREPLY=($(compgen -W "$choices" -- "$cur"))
        return
    fi
    case $verb in
        '') COMPREPLY=($(compgen -W 'master analyze verify doctor completion' -- "$cur")) ;;
        master) _auralis_files "$cur" ;;
        analyze) _auralis_files "$cur" ;;
        verify) _auralis_files "$cur" ;;
        doctor) : ;;
        completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$cur")) ;;
    esac
}

_auralis_files() {
    compopt -o filenames 2>/dev/null
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$1"))
}

complete -F _auralis auralis

# Completion of ffctl for bash. Verbs and options are what ffctl itself says; the
# names of models are asked of the daemon, and nothing is said where there is none.

_ffctl_models() {
    # The command line's own address, so that its daemon is asked.
    local i address=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -s|--server) address=(-s "${COMP_WORDS[i + 1]}") ;;
        esac
    done
    timeout 1 ffctl "${address[@]}" --json models 2> /dev/null |
        grep -o '"name":"[a-z0-9_-]*"' | cut -d '"' -f 4
}

_ffctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local verb= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -s|--server|--ca|--cert|--key|--token-file) ((i++)) ;;
            -*) ;;
            *) verb=${COMP_WORDS[i]}
               break ;;
        esac
    done
    case $before in
        --order) COMPREPLY=($(compgen -W "as-is shuffled by-class" -- "$word"))
                 return ;;
        --ack) COMPREPLY=($(compgen -W "received applied durable" -- "$word"))
               return ;;
        --show) COMPREPLY=($(compgen -W "goodness detail" -- "$word"))
                return ;;
        --idx|--csv|--raw|--wav|--text|--png|--config|--novelty|--novelty-against|--ca|\
        --cert|--key|--token-file)
            COMPREPLY=($(compgen -f -- "$word"))
            return ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(ffctl $verb --help 2> /dev/null |
            grep -oE -- '(^|[ (\[])--?[a-z-]+' | tr -d ' ([')" -- "$word"))
    elif [[ -z $verb ]]; then
        COMPREPLY=($(compgen -W "$(ffctl --help 2> /dev/null |
            sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$word"))
    elif [[ $before == "$verb" ]]; then
        COMPREPLY=($(compgen -W "$(_ffctl_models)" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}

complete -o filenames -F _ffctl ffctl

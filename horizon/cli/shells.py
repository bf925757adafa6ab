"""The completion scripts of bash, zsh and fish, made from the verbs. Pure.

A script knows every verb and option by itself, so those are offered at once; only for names of queues, classes, workers
and the like does it ask `horizon completion --names`, which gives up soon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from horizon.cli.words import FLAG, FREE, Verb

NAMES = """\
_horizon_names() {
    if [[ -n $2 ]]; then command horizon --app "$2" completion --names "$1" 2>/dev/null
    else command horizon completion --names "$1" 2>/dev/null; fi
}
"""
"""The store's names of a kind (`$1`), for an app (`$2`); the same words in bash and zsh."""
WALK = """\
        word="${words[i]}"
        if [[ $takes == app ]]; then app="$word"; takes=""; continue; fi
        if [[ -n $takes ]]; then takes=""; continue; fi
        case "$word" in
            -A|--app) takes=app;;
            --app=*) app="${word#--app=}";;
            --*) takes="$(_horizon_takes "$verb" "$word")";;
            -*) ;;
            *) if [[ -z $verb ]]; then verb="$word"
               elif [[ " $(_horizon_subs "$verb") " == *" $word "* ]]; then verb="$verb $word"; fi;;
        esac
    done
"""
"""One step along the words typed so far: which verb, which app, what the next word belongs to."""
BASH = (
    """\
# horizon completion bash: source this, or put it where bash looks for completions
"""
    + NAMES
    + """\
_horizon() {
    local line="${COMP_LINE:0:COMP_POINT}" cur words word verb="" app="" takes="" kind found i
    cur="${line##*[[:space:]]}"
    read -ra words <<< "${line%"$cur"}"
    for ((i = 1; i < ${#words[@]}; i++)); do
"""
    + WALK
    + """\
    if [[ $takes == app ]]; then COMPREPLY=(); return; fi
    if [[ -n $takes ]]; then kind="$takes"
    elif [[ -z $verb ]]; then kind="=$(_horizon_verbs) --app --help --version"
    elif [[ $cur == -* ]]; then kind="=$(_horizon_options "$verb") --app"
    elif [[ -n $(_horizon_subs "$verb") ]]; then kind="=$(_horizon_subs "$verb")"
    else kind="$(_horizon_argument "$verb")"; fi
    case "$kind" in
        =*) found="${kind#=}";;
        -|"") found="";;
        *) found="$(_horizon_names "$kind" "$app")";;
    esac
    local IFS=$' \\t\\n'
    COMPREPLY=($(compgen -W "$found" -- "$cur"))
    if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then # bash sees only what is behind the last colon
        local before="${cur%"${cur##*:}"}"
        for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do COMPREPLY[i]="${COMPREPLY[i]#"$before"}"; done
    fi
}
complete -F _horizon horizon
"""
)
ZSH = (
    """\
#compdef horizon
# horizon completion zsh: put this into a folder of $fpath as _horizon, or source it behind compinit
"""
    + NAMES
    + """\
_horizon() {
    local word verb="" app="" takes="" kind i
    for ((i = 2; i < CURRENT; i++)); do
"""
    + WALK
    + """\
    if [[ $takes == app ]]; then _files; return; fi
    if [[ -n $takes ]]; then kind="$takes"
    elif [[ -z $verb ]]; then kind="=$(_horizon_verbs) --app --help --version"
    elif [[ ${words[CURRENT]} == -* ]]; then kind="=$(_horizon_options "$verb") --app"
    elif [[ -n $(_horizon_subs "$verb") ]]; then kind="=$(_horizon_subs "$verb")"
    else kind="$(_horizon_argument "$verb")"; fi
    case "$kind" in
        "="*) compadd -- ${=kind#=};; # a bare =* would be the path of a command
        -|"") ;;
        *) compadd -- ${(f)"$(_horizon_names "$kind" "$app")"};;
    esac
}
if [[ $funcstack[1] == _horizon ]]; then _horizon "$@"; else compdef _horizon horizon; fi
"""
)
FISH = """\
# horizon completion fish: put this into ~/.config/fish/completions/horizon.fish
function __horizon_names
    if test -n "$argv[2]"
        command horizon --app $argv[2] completion --names $argv[1] 2>/dev/null
    else
        command horizon completion --names $argv[1] 2>/dev/null
    end
end
function __horizon_complete
    set -l verb ""; set -l app ""; set -l takes ""; set -l kind ""
    set -l words (commandline -opc)
    for word in $words[2..-1]
        if test "$takes" = app
            set app $word; set takes ""; continue
        else if test -n "$takes"
            set takes ""; continue
        end
        switch $word
            case -A --app
                set takes app
            case '--app=*'
                set app (string replace -- --app= "" $word)
            case '--*'
                set takes (__horizon_takes "$verb" $word)
            case '-*'
            case '*'
                if test -z "$verb"
                    set verb $word
                else if contains -- $word (string split " " -- (__horizon_subs $verb))
                    set verb "$verb $word"
                end
        end
    end
    if test "$takes" = app
        return
    else if test -n "$takes"
        set kind $takes
    else if test -z "$verb"
        set kind "="(__horizon_verbs)" --app --help --version"
    else if string match -q -- '-*' (commandline -ct)
        set kind "="(__horizon_options $verb)" --app"
    else if __horizon_subs $verb | string length --quiet # true where there is any
        set kind "="(__horizon_subs $verb)
    else
        set kind (__horizon_argument $verb)
    end
    switch $kind
        case '=*'
            string split " " -- (string sub -s 2 -- $kind)
        case - ''
        case '*'
            __horizon_names $kind "$app"
    end
end
complete -c horizon -f -a '(__horizon_complete)'
"""


def script(shell: str, verbs: Sequence[Verb], aliases: Mapping[str, str]) -> str:
    """What to source in this shell: `bash`, `zsh` or `fish`."""
    tables = _tables(verbs, aliases)
    if shell == "fish":
        return FISH.replace(
            "function __horizon_names", "\n".join(_fish(name, rows) for name, rows in tables.items()) + "\nfunction __horizon_names", 1
        )
    head, rest = (BASH if shell == "bash" else ZSH).split("_horizon_names()", 1)
    return head + "".join(_posix(name, rows) for name, rows in tables.items()) + "_horizon_names()" + rest


def _tables(verbs: Sequence[Verb], aliases: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Per function: what is asked → what is answered."""
    known = {verb.name: verb for verb in verbs}
    every = [
        *verbs,
        *(Verb(name=alias, options=known[of].options, argument=known[of].argument, subs=known[of].subs) for alias, of in aliases.items()),
    ]
    top = [verb.name for verb in verbs if " " not in verb.name]
    takes = {f"{verb.name} {option}": kind for verb in every for option, kind in verb.options.items() if kind != FLAG}
    return {
        "verbs": {"": " ".join([*top, *aliases])},
        "options": {verb.name: " ".join(verb.options) for verb in every},
        "subs": {verb.name: " ".join(verb.subs) for verb in every if verb.subs},
        "argument": {verb.name: verb.argument for verb in every if verb.argument != FREE},
        "takes": takes,
    }


def _posix(name: str, rows: Mapping[str, str]) -> str:
    """A function of bash and zsh that answers from a table."""
    lines = "".join(f"        {_quoted(asked)}) echo {_quoted(answer)};;\n" for asked, answer in rows.items())
    return f'_horizon_{name}() {{\n    case "$*" in\n{lines}    esac\n}}\n'


def _fish(name: str, rows: Mapping[str, str]) -> str:
    """The same in fish."""
    lines = "".join(f"        case {_quoted(asked)}\n            echo {_quoted(answer)}\n" for asked, answer in rows.items())
    return f'function __horizon_{name}\n    switch "$argv"\n{lines}    end\nend'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "") + "'"

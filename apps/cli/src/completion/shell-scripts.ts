/** The shells that `longshore completion` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What a shell has to load. All ask `longshore __complete -- WORDS…`, whose last word is the one being written; each
 * answer is a line `VALUE<TAB>DESCRIPTION`. Where nothing is offered the shell completes file names.
 */
export const SHELL_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# longshore completion for bash: source <(longshore completion bash)
_longshore() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(longshore __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _longshore longshore
`,
  zsh: `#compdef longshore
# longshore completion for zsh: source <(longshore completion zsh), or a file _longshore in $fpath
_longshore() {
  local line
  local -a values
  while IFS= read -r line; do
    values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(longshore __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#values} )); then
    _describe -t values longshore values
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _longshore ]]; then _longshore "$@"; else compdef _longshore longshore; fi
`,
  fish: `# longshore completion for fish: longshore completion fish | source
function __longshore_complete
  set -l words (commandline -opc) (commandline -ct)
  longshore __complete -- $words[2..-1] 2>/dev/null
end
complete -c longshore -f -n 'test (count (__longshore_complete)) -gt 0' -a '(__longshore_complete)'
complete -c longshore -F -n 'test (count (__longshore_complete)) -eq 0'
`,
};

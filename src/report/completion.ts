/** One flag as a shell completes it: `values` are its choices, `file` tells that it takes a path. */
export type Flag = { names: string[]; help: string; takes: boolean; values: string[]; file: boolean }
/** One command, and the words it may take besides its flags. */
export type Completed = { name: string; help: string; words: string[]; flags: Flag[] }

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/**
 * The script that completes gb10 in a shell, whole: it never runs gb10. Where nothing is known a shell offers files.
 * zsh runs the one of bash, as its own bashcompinit makes possible.
 */
export function completion(shell: Shell, commands: readonly Completed[]): string {
  if (shell === 'fish') return fish(commands)
  return shell === 'bash' ? bash(commands) : `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`
}

const unique = (words: readonly string[]): string => [...new Set(words)].join(' ')

function bash(commands: readonly Completed[]): string {
  const flags = commands.flatMap((command) => command.flags.map((flag) => ({ ...flag, command: command.name })))
  const cases = (of: typeof flags, body: (flag: (typeof flags)[number]) => string): string[] =>
    of.map((flag) => `    ${flag.names.map((name) => `${flag.command}:${name}`).join('|')}) ${body(flag)} ;;`)
  return `# gb10 completion
_gb10() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' word='' words=''
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  COMPREPLY=()
  case "\${command}:\${before}" in
${[
  ...cases(flags.filter(({ values }) => values.length > 0), ({ values }) => `COMPREPLY=($(compgen -W "${unique(values)}" -- "$current")); return`),
  ...cases(flags.filter(({ takes, values }) => takes && values.length === 0), ({ file }) => (file ? 'COMPREPLY=($(compgen -f -- "$current")); return' : 'return')),
].join('\n')}
  esac
  case $command in
    '') words="${unique(commands.map(({ name }) => name))} --help --version" ;;
${commands.map(({ name, words, flags: own }) => `    ${name}) words="${unique([...words, ...own.flatMap(({ names }) => names)])}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gb10 gb10
`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, help, words, flags }) => {
    const inside = `complete -c gb10 -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c gb10 -n __fish_use_subcommand -f -a ${name} -d ${quoted(help)}`,
      ...(words.length > 0 ? [`${inside} -a ${quoted(unique(words))}`] : []),
      ...flags.map((flag) => {
        const names = flag.names.map((one) => (one.startsWith('--') ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`)).join(' ')
        const value = flag.values.length > 0 ? ` -x -a ${quoted(unique(flag.values))}` : flag.file ? ' -r -F' : flag.takes ? ' -x' : ''
        return `${inside} ${names}${value} -d ${quoted(flag.help)}`
      }),
    ]
  })
  return `# gb10 completion\n${lines.join('\n')}\n`
}

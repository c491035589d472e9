import { Command, CommanderError, Option, type Help } from 'commander'
import { makeApp, type App } from './app.ts'
import { EXIT, UserError } from './exit.ts'
import { suggest } from '../model/suggest.ts'
import { pairs, type GlobalOptions } from './options.ts'
import { terminalOf } from './terminal.ts'

type Action = (app: App, ...rest: never[]) => Promise<number>

const collect = (value: string, all: string[]): string[] => [...all, value]

/** Parses the command line, runs one command, and gives its exit code. */
export async function program(argv: string[], signal: AbortSignal): Promise<number> {
  let code: number = EXIT.good
  const root = new Command('gb10')
  root
    .description('Sets up, checks and takes back the software of an NVIDIA GB10 machine (DGX Spark and its twins).')
    .usage('COMMAND [ARGS] [OPTIONS]')
    .version('', '-V, --version') // answered by bin/gb10.cjs
    .exitOverride()
    .enablePositionalOptions()
    .configureHelp(helpStyle)
    .configureOutput({ outputError: () => undefined, getOutHelpWidth: () => Math.min(process.stdout.columns ?? 80, 100) })
    .addHelpText('after', '\nMore about one: gb10 COMMAND --help')

  /** Adds the flags that mean the same everywhere, and a body that is loaded only when the command runs. */
  const command = (spec: string, group: string, text: string, examples: string[], load: () => Promise<{ run: unknown }>): Command => {
    const made = root.command(spec).summary(text).helpGroup(group)
    made.description(`${text}\n\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`)
    made.action(async (...args: unknown[]) => {
      const self = args.pop() as Command
      const { run } = (await load()) as { run: Action }
      code = await run(await makeApp(globalsOf(self), terminalOf(globalsOf(self)), signal), ...(args as never[]))
    })
    return made
  }

  const first = 'Commands:'
  const more = 'More:'
  const { addCommands } = await import('./commands.ts')
  addCommands(command, { first, more, collect })
  for (const each of root.commands) addGlobals(each)
  if (argv.length === 0) {
    const options = globalsOf(root.commands[0]!)
    const terminal = terminalOf(options)
    if (terminal.home) {
      const { run } = await import('./commands/home.ts')
      return run(await makeApp({ ...options, quiet: true }, terminal, signal))
    }
    root.outputHelp()
    return code
  }
  try {
    await root.parseAsync(commandFirst(argv), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw await usageError(error, root, argv)
  }
  return code
}

/** Examples come first, values that need no words stay unsaid, and the flags of a command follow its own. */
const helpStyle: Partial<Help> = {
  visibleCommands: (command) => [...command.commands], // without `help`, which works all the same
  subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map((one) => argumentText(one))].join(' '),
  visibleOptions: (command) => (command.parent === null ? [] : command.options.filter((one) => !one.hidden)),
  optionDescription: ({ description, argChoices, defaultValue }) => {
    if (argChoices === undefined) return description
    return `${description}: ${argChoices.map((one) => (one === defaultValue ? `${one} (the default)` : one)).join(', ')}`
  },
}

const argumentText = (one: Command['registeredArguments'][number]): string => {
  const name = `${one.name()}${one.variadic ? '...' : ''}`
  return one.required ? `<${name}>` : `[${name}]`
}

/** What commander says of a mistyped command line, in the manner of all other errors. */
async function usageError({ message }: CommanderError, root: Command, argv: string[]): Promise<UserError> {
  const text = message
    .replace(/^error: /, '')
    .replace(/\.?\n\(Did you mean (.*)\?\)/, ', did you mean $1?')
    .replace(/^command-argument value ('[^]*') is invalid for argument '(.*)'/, '$1 is no $2')
  const known = argv.flatMap((word) => root.commands.find((one) => one.name() === word) ?? [])[0]
  const option = /^unknown option '([^'=]+).*'$/s.exec(text)?.[1]
  const hint = option === undefined ? '' : optionHint(option, root.commands, known)
  if (known?.name() === 'explain' && option !== undefined && hint === '') {
    const { shellWord } = await import('../model/shell-word.ts')
    const pasted = argv.slice(argv.indexOf('explain') + 1).map(shellWord)
    return new UserError(text, EXIT.usage, `gb10 explain -- ${pasted.join(' ')}`)
  }
  return new UserError(`${text}${hint}`, EXIT.usage, `gb10 ${known ? `${known.name()} ` : ''}--help`)
}

/** Whose option it is, or which one of this command it was to be. */
function optionHint(option: string, commands: readonly Command[], known: Command | undefined): string {
  const owners = commands.filter((one) => one.options.some(({ short, long }) => option === short || option === long)).map((one) => one.name())
  if (owners.length > 0) return `, which ${owners.join(', ').replace(/, (?=[^,]*$)/, ' and ')} ${owners.length === 1 ? 'has' : 'have'}`
  const near = suggest(option, ['--help', ...(known ? known.options.map(({ long }) => long ?? '') : ['--version', ...BEFORE])])
  return near === null ? '' : `, did you mean ${near}?`
}

/** Flags of every command that may stand before it. */
const BEFORE = ['--json', '--plain', '--quiet', '--verbose', '--no-input', '--color', '--source']

/** `gb10 --json status` means `gb10 status --json`: the flags that every command has may stand before it. */
function commandFirst(argv: string[]): string[] {
  const flags: string[] = []
  const rest = [...argv]
  while (/^(--(json|plain|quiet|verbose|no-input|color|source)|-q|-v|--(color|source)=.*)$/.test(rest[0] ?? '')) {
    flags.push(...rest.splice(0, rest[0] === '--color' || rest[0] === '--source' ? 2 : 1))
  }
  return rest[0]?.startsWith('-') === false ? [rest[0], ...flags, ...rest.slice(1)] : argv
}

/** The flags that mean the same for every command. */
export function addGlobals(command: Command): void {
  command
    .optionsGroup('Options for every command:')
    .option('--json', 'one JSON document on stdout', false)
    .option('--plain', 'one line a step, nothing redrawn', false)
    .option('-q, --quiet', 'only data and errors', false)
    .option('-v, --verbose', "tools' own output too", false)
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto'))
    .option('--no-input', 'never ask')
    .option('--source <name=url>', 'take an outside address from another place (repeatable)', collect, [] as string[])
    .exitOverride()
}

function globalsOf(command: Command): GlobalOptions {
  const o = command.opts<{ json: boolean; plain: boolean; quiet: boolean; verbose: boolean; color: 'auto' | 'always' | 'never'; input: boolean; source: string[] }>()
  return { json: o.json, plain: o.plain, quiet: o.quiet, verbose: o.verbose, color: o.color, input: o.input, sources: pairs('--source', o.source) }
}

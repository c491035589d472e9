import { Argument, InvalidArgumentError, Option, type Command } from 'commander'

type Add = (spec: string, group: string, text: string, examples: string[], load: () => Promise<{ run: unknown }>) => Command
type Groups = { first: string; more: string; collect: (value: string, all: string[]) => string[] }

/** Of what says where or at what to look, a second one would leave the first unlooked at, and the run might end well without it. */
const once = (value: string, before: string | undefined): string => {
  if (before !== undefined) throw new InvalidArgumentError(`${before} is given already: one at a time.`)
  return value
}

/** Every command: its words, its flags, its examples, and where its body is. */
export function addCommands(add: Add, { first, more, collect }: Groups): void {
  const yes = ['-y, --yes', 'do not ask', false] as const
  const set = ['--set <name=value>', 'set a parameter of the recipe (repeatable)', collect, [] as string[]] as const
  const host = ['--host <path>', 'a recorded machine (folder or bundle) instead of this one', once] as const
  const force = ['--force', 'ask the GPU even where the kernel log or a stuck process says that this may hang'] as const
  const onFailure = (): Option => new Option('--on-failure <what>', 'what to do with a run that fails').choices(['keep', 'rollback']).default('keep')

  add('up', first, 'Set up and prove a document and OCR stack: the main job.', ['gb10 up', 'gb10 up --profile cpu --yes --accept Apache-2.0 --accept CDLA-Permissive-2.0', 'gb10 up --model ~/models/docling'], () => import('./commands/up.ts'))
    .option('--profile <name>', 'gb10, cuda13 or cpu instead of the one that fits this machine')
    .option('--model <dir>', 'use the models in this folder instead of downloading them')
    .option(...set).option(...yes).option('--accept <licence>', 'accept the licence of a download, which --yes does not (repeatable)', collect, [] as string[])
    .addOption(onFailure())
  add('status', first, 'What is set up, how big it is, and what changed since.', ['gb10 status', 'gb10 status --verify --json'], () => import('./commands/status.ts'))
    .option('--verify', 'check the ledger and every hash')
  add('doctor', first, 'What is wrong with this machine, and how to mend it.', ['gb10 doctor', 'gb10 doctor --area container', 'gb10 doctor --fix nvcc-not-on-path', 'gb10 doctor --format human --output junit=gb10.xml'], () => import('./commands/doctor.ts'))
    .argument('[id...]').option('--area <name>', 'only the checks of one area', once).option(...host)
    .addOption(new Option('--format <name>', 'how to show it').choices(['human', 'json', 'junit', 'github', 'prometheus', 'markdown']))
    .option('--output <format=file>', 'write it to a file too (repeatable)', collect, [] as string[])
    .addOption(new Option('--fail-on <severity>', 'from which severity on the exit code is 1').choices(['info', 'warning', 'error', 'never']).default('error'))
    .option('--strict', 'warnings, and what could not be told, count too')
    .option('--deep', 'slower: imports in every Python environment, a kernel and a load on the GPU, the baseline')
    .option(...force)
    .option('--watch', 'look again and again until Ctrl-C, and tell what changes; the report comes at the end')
    .option('--every <seconds>', 'how often --watch looks; 30 when it is not given')
    .option('--fix', 'mend what has a recipe: plan, ask, apply, look again').option(...yes)
  add('explain', first, 'A log or an error message: what it is, how bad, and what helps.', ['some-command 2>&1 | gb10 explain -', 'gb10 explain build.log', 'gb10 explain triton-ptxas-sm121a', 'gb10 explain vllm'], () => import('./commands/explain.ts'))
    .argument('[arg...]', 'a file, the id of a problem, a framework, or words; - for stdin')
  add('undo', first, 'Take back recipes or one run.', ['gb10 undo docling', 'gb10 undo docling torch-cu130 --yes'], () => import('./commands/undo.ts'))
    .argument('<recipe|run...>').option(...yes).option('--purge-data', 'also what you put into our environments and caches', false)
  add('uninstall', first, 'Take back everything, verify, and say what was kept and why.', ['gb10 uninstall', 'gb10 uninstall --yes --self'], () => import('./commands/uninstall.ts'))
    .option(...yes).option('--purge-data', 'also what you put into our environments and caches', false)
    .option('--self', 'also the Node.js and the records that gb10 brought for itself', false)

  add('detect', more, 'Facts about this machine, and whether it is a GB10.', ['gb10 detect', 'gb10 detect --json', 'gb10 detect --host recording/'], () => import('./commands/detect.ts'))
    .option(...host).option(...force).option('--hardware <dir>', 'write hardware_baseline.json, topology.txt and specification.md there')
  add('recipes', more, 'What can be set up; one recipe in full.', ['gb10 recipes', 'gb10 recipes docling'], () => import('./commands/recipes.ts'))
    .argument('[name]')
  add('plan', more, 'What would change, step by step. Changes nothing.', ['gb10 plan docling', 'gb10 plan --profile gb10 --host recording/', 'gb10 plan torch-cu130 --set python=3.12'], () => import('./commands/plan.ts'))
    .argument('[recipe...]').option('--profile <name>', 'the recipes of a profile').option(...set).option(...host)
  add('apply', more, 'Set up recipes.', ['gb10 apply torch-cu130', 'gb10 apply docling --set path=/data/docling', 'gb10 apply deepseek-ocr --yes --accept MIT', 'gb10 apply ./mine.yaml'], () => import('./commands/apply.ts'))
    .argument('<recipe...>', 'names, or paths of recipes of your own')
    .option('--accept <name>', 'accept the licence of a download, or a recipe of your own by its sha256 (repeatable)', collect, [] as string[])
    .option('--profile <name>', "with a profile's values").option(...set).option(...yes).addOption(onFailure())
  add('resume', more, 'Go on with a run that was stopped.', ['gb10 resume'], () => import('./commands/resume.ts'))
  add('smoke', more, 'Prove that what is set up works, on the demanded device, with the right result.', ['gb10 smoke', 'gb10 smoke docling --model ~/models/docling'], () => import('./commands/smoke.ts'))
    .argument('[name...]').option('--model <dir>', 'models to use').option('--input <file>', 'a document of your own')
    .addOption(new Option('--device <device>', 'what it must run on').choices(['cuda', 'cpu']))
  add('env', more, 'Shell exports of an environment.', ['eval "$(gb10 env docling)"'], () => import('./commands/env.ts')).argument('<name>')
  add('run', more, 'Run a command inside an environment.', ['gb10 run docling -- docling in.pdf --to md'], () => import('./commands/run.ts'))
    .argument('<name>').argument('[command...]').passThroughOptions()
  add('report', more, 'A support bundle without names and secrets, for you to hand on. Sends nothing.', ['gb10 report', 'gb10 report --show', 'gb10 report --output ~/gb10.tar.gz --include-logs', 'gb10 report --html ~/gb10.html'], () => import('./commands/report.ts'))
    .option('--output <file>', 'where to write it; never over another file').option('--show', 'first show every byte of it')
    .option('--html <file>', 'write it as one page for the browser, and no bundle unless --output names one too')
    .option('--include-logs', 'also lines of the kernel log about GPU, memory and heat')
    .option('--no-redact', 'replace nothing: for your own eyes')
  add('baseline', more, 'A record of this machine while it works, and what changed since.', ['gb10 baseline save', 'gb10 baseline save before-update', 'gb10 baseline compare --gate'], () => import('./commands/baseline.ts'))
    .addArgument(new Argument('<action>', 'what to do').choices(['save', 'compare'])).argument('[name]').option(...host)
    .option('--gate', 'exit 1 when something suspicious changed, 2 when that could not be told')
  add('completion', more, 'What a shell needs to complete the commands of gb10.', ['source <(gb10 completion bash)', 'source <(gb10 completion zsh)', 'gb10 completion fish > ~/.config/fish/completions/gb10.fish'], () => import('./commands/completion.ts'))
    .addArgument(new Argument('<shell>', 'for which shell').choices(['bash', 'zsh', 'fish']))
}

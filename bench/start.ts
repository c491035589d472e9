import { join } from 'node:path'
import { gb10, root } from './places.ts'
import { megabytes, ms, overF, row, type Row } from './row.ts'
import { interleaved, median, medianDifference, output, plainEnv, timeCommand } from './timing.ts'
import { installedPackage } from './package.ts'

const ROUNDS = 11
const node = process.execPath
/** `detect` ends with 2 where it could not be told whether the machine is a GB10. */
const codes = [0, 2]

/** How long commands take to start and answer, from a clone and from an installed package. */
export async function start(): Promise<Row[]> {
  const { shim, bundled } = await installedPackage()
  const uncached = plainEnv({ NODE_DISABLE_COMPILE_CACHE: '1' })
  const bare = plainEnv({ PATH: '/nowhere' })
  const detect = gb10('detect', '--json')
  const load = (text: string): string[] => [
    node,
    '-e',
    `require('module').enableCompileCache(${JSON.stringify(join(root, 'node_modules/.cache/gb10'))}); ${text}`,
  ]
  const taken = await interleaved(ROUNDS, {
    f: () => timeCommand([node, '-e', '0']),
    version: () => timeCommand(gb10('--version')),
    launcher: () => timeCommand([join(root, 'gb10'), '--version']),
    help: () => timeCommand(gb10('--help')),
    detect: () => timeCommand(detect, { codes }),
    cold: () => timeCommand(detect, { codes, env: uncached }),
    bundle: () => timeCommand([node, shim, 'detect', '--json'], { codes }),
    bare: () => timeCommand(detect, { codes, env: bare }),
    listr2: () => timeCommand(load(`import(${JSON.stringify(join(root, 'src/ui/tasks.ts'))})`)),
    ink: () => timeCommand(load(`import('ink')`)),
  })
  const over = (name: Exclude<keyof typeof taken, 'f'>): number => medianDifference(taken[name], taken.f)
  const limited = (what: string, name: Exclude<keyof typeof taken, 'f'>, limit: number, note = ''): Row =>
    row(what, `≤ F + ${limit} ms`, overF(over(name), median(taken.f)), over(name) <= limit, note)
  const wait = slowestTool()
  return [
    row('F: `node -e 0`', '', ms(median(taken.f)), null, `Node ${process.versions.node}`),
    limited(
      '`gb10 --version`',
      'version',
      25,
      `the launcher \`./gb10 --version\`, which needs no Node: ${ms(median(taken.launcher))}`,
    ),
    limited('`gb10 detect --json`, clone, warm compile cache', 'detect', 150, `slowest tool: ${wait}`),
    limited('`gb10 detect --json`, npm package with its bundle', 'bundle', 150, bundled),
    row('`gb10 detect --json`, clone, no compile cache', '', overF(over('cold'), median(taken.f))),
    row(
      '`gb10 detect --json`, no tool on PATH',
      '',
      overF(over('bare'), median(taken.f)),
      null,
      'gb10 alone, without waiting for tools',
    ),
    row('`gb10 --help`', '', overF(over('help'), median(taken.f))),
    row('loading the task list (listr2)', '', overF(over('listr2'), median(taken.f)), null, 'only on a terminal'),
    row('loading the screens (Ink and React)', '', overF(over('ink'), median(taken.f)), null, 'only on a terminal'),
    memory(),
  ]
}

type Facts = Record<string, { ms: number; source: string }>

export const factsOf = (text: string): Facts => (JSON.parse(text) as { facts: Facts }).facts

function slowestTool(): string {
  const facts = Object.values(factsOf(output(gb10('detect', '--json'))))
  const slowest = facts.toSorted((a, b) => b.ms - a.ms)[0]
  return slowest && slowest.ms > 0 ? `${slowest.source.split(' ')[0]}, ${ms(slowest.ms)}` : 'none'
}

/** Peak resident memory, as the process itself is told by the kernel when it ends. */
function memory(): Row {
  const hook = `process.on('exit',()=>require('fs').writeSync(1,'\\npeak '+process.resourceUsage().maxRSS))`
  const peaks = [0, 1, 2].map(() => {
    const text = output([
      node,
      '-e',
      `${hook};process.argv=[process.argv[0],'gb10','detect','--json'];require(${JSON.stringify(join(root, 'bin/gb10.cjs'))})`,
    ])
    return Number(/\npeak (\d+)$/.exec(text)?.[1]) * 1024
  })
  return row('peak memory of `gb10 detect --json`', '≤ 90 MB', megabytes(median(peaks)), median(peaks) <= 90e6)
}

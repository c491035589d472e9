import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, linkSync, lutimesSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { realMachine } from '../../src/host/real.ts'
import type { Exit, Machine } from '../../src/host/machine.ts'

const real = realMachine({ PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' })

/** What a server would send for an address: the address itself, many times over. */
export const served = (url: string): Buffer => Buffer.from(`${url}\n`.repeat(40))

/**
 * The real machine on real files, with what would start a process done in this one: a sequence has to take milliseconds. Times
 * that are put back are whole seconds here, which a double holds exactly.
 */
export const quickMachine: Machine = {
  ...real,
  write(path, bytes, { mtimeNs, ...options }) {
    real.write(path, bytes, options)
    if (mtimeNs) quickMachine.setTimes(path, mtimeNs)
  },
  setTimes(path, mtimeNs) {
    const seconds = Number(BigInt(mtimeNs)) / 1e9
    lutimesSync(path, seconds, seconds)
  },
  syncAll: async () => undefined,
  endSurvivors: async () => [],
  async fetch(url, path) {
    const whole = served(url)
    const from = real.lstat(path)?.size ?? 0
    appendFileSync(path, whole.subarray(from))
    return createHash('sha256').update(whole).digest('hex')
  },
  run: async (argv) => exit(command(argv)),
}

const exit = (code: number): Exit => ({ code, signal: null, tail: '' })

/** The few tools that the recipes of the proof name. */
export function command(argv: readonly string[]): number {
  const [program, ...args] = argv
  if (program === 'test') return existsSync(args[1]!) ? 0 : 1
  if (program === 'touch') writeFileSync(args[0]!, '')
  else if (program === 'rm') rmSync(args.at(-1)!, { force: true })
  else if (program === 'uv' && args[0] === 'venv') makeEnvironment(args.at(-1)!)
  else if (program === 'uv') install(args)
  else return 127
  return 0
}

function makeEnvironment(path: string): void {
  mkdirSync(`${path}/bin`, { recursive: true })
  mkdirSync(`${path}/lib/python3.12/site-packages`, { recursive: true })
  rmSync(`${path}/bin/python`, { force: true })
  symlinkSync('/usr/bin/python3', `${path}/bin/python`)
  writeFileSync(`${path}/pyvenv.cfg`, 'home = /usr/bin\n')
}

/** `uv pip install --python ENV/bin/python … demo==VERSION`, one file in two places as uv makes it. */
function install(args: readonly string[]): void {
  const root = args[args.indexOf('--python') + 1]!.replace('/bin/python', '')
  const version = args.at(-1)!.split('==')[1]!
  const site = `${root}/lib/python3.12/site-packages`
  for (const folder of [`${site}/demo`, `${site}/demo-${version}.dist-info`]) mkdirSync(folder, { recursive: true })
  writeFileSync(`${site}/demo/__init__.py`, `version = '${version}'\n`)
  rmSync(`${site}/demo/twin.py`, { force: true })
  linkSync(`${site}/demo/__init__.py`, `${site}/demo/twin.py`)
  writeFileSync(`${site}/demo-${version}.dist-info/METADATA`, `Name: demo\nVersion: ${version}\n`)
}

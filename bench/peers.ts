import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { gb10, workFolder } from './places.ts'
import { ms, notMeasured, overF, row, times, type Row } from './row.ts'
import { factsOf } from './start.ts'
import { interleaved, median, medianDifference, medianRatio, output, timeCommand } from './timing.ts'

const ROUNDS = 7
/** A finding, or a question that is answered with no, ends with 1; what could not be told, with 2. */
const codes = [0, 1, 2]
/** The tools that detection runs: these sources are commands, the others that begin with a slash are files. */
const TOOLS = /^(df|dmesg|docker|ls|nvcc|nvidia-ctk|nvidia-smi|ollama|ps|uv|which) /

/** The files and commands that this machine's facts come from, as the other tools are asked for them. */
function questions(): { files: string[]; commands: string[] } {
  const sources = [...new Set(Object.values(factsOf(output(gb10('detect', '--json')))).map(({ source }) => source.replace(/ \(\/.*\)$/, '')))].sort()
  return { files: sources.filter((one) => one.startsWith('/')), commands: sources.filter((one) => TOOLS.test(one)) }
}

/** The same questions for goss. Not all are answered with yes on every machine: what is timed is the asking. */
function gossfile(folder: string): string {
  const { files, commands } = questions()
  const path = join(folder, 'goss.yaml')
  const file = Object.fromEntries(files.map((name) => [name, { exists: true }]))
  const command = Object.fromEntries(commands.map((line) => [line, { 'exit-status': 0, timeout: 5000 }]))
  writeFileSync(path, stringify({ file, command }))
  return path
}

/** The same questions for testinfra: one test each, as its users write them. */
function testfile(folder: string): string {
  const { files, commands } = questions()
  const path = join(folder, 'test_same.py')
  const tests = [
    ...files.map((name) => `host.file(${JSON.stringify(name)}).exists`),
    ...commands.map((line) => `host.run(${JSON.stringify(line)}).rc == 0`),
  ]
  writeFileSync(path, tests.map((one, i) => `def test_${i}(host):\n    assert ${one}\n`).join('\n'))
  return path
}

type Peer = { what: 'doctor' | 'detect'; argv: string[]; version: string | null; bring: string }

/** What a command says of itself, or null where it is not to be had. */
function said(...argv: string[]): string | null {
  const { status, stdout } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split('\n')[0]! : null
}

const ofModule = (name: string): string | null => said('python3', '-c', `import importlib.metadata as m; print(m.version('${name}'))`)

function peers(): Record<string, Peer> {
  const folder = workFolder('peers')
  const goss = said('goss', '--help') === null ? null : (said('dpkg-query', '-W', '-f', '${Version}', 'goss') ?? 'of PATH')
  return {
    goss: { what: 'doctor', argv: ['goss', '-g', gossfile(folder), 'validate', '--format', 'json'], version: goss, bring: 'apt install goss' },
    testinfra: {
      what: 'doctor',
      argv: ['python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', testfile(folder)],
      version: ofModule('pytest-testinfra'),
      bring: 'pip install pytest-testinfra',
    },
    facter: { what: 'detect', argv: ['facter', '--json'], version: said('facter', '--version'), bring: 'apt install facter' },
    'torch collect_env': {
      what: 'detect',
      argv: ['python3', '-m', 'torch.utils.collect_env'],
      version: ofModule('torch'),
      bring: 'a python3 with torch on PATH',
    },
  }
}

/** Quick doctor and detect beside what others use for the same questions, in turn within one run. */
export async function beside(): Promise<Row[]> {
  const all = peers()
  const here = Object.entries(all).filter(([, { version }]) => version !== null)
  const { f, doctor, detect, ...others } = await interleaved(ROUNDS, {
    f: () => timeCommand([process.execPath, '-e', '0']),
    doctor: () => timeCommand(gb10('doctor', '--json'), { codes }),
    detect: () => timeCommand(gb10('detect', '--json'), { codes }),
    ...Object.fromEntries(here.map(([name, { argv }]) => [name, () => timeCommand(argv, { codes })])),
  } as Record<string, () => number>)
  const over = medianDifference(doctor!, f!)
  return [
    row('quick `gb10 doctor --json`', '≤ F + 150 ms', overF(over, median(f!)), over <= 150),
    ...Object.entries(all).map(([name, { what, version, bring }]): Row => {
      const title = `\`gb10 ${what} --json\` against ${name}${what === 'doctor' ? ', asked for the same files and commands' : ''}`
      if (version === null) return notMeasured(title, '', `not here: ${bring}`)
      const ours = what === 'doctor' ? doctor! : detect!
      const note = `${name} ${version}: ${ms(median(others[name]!))}, gb10 ${ms(median(ours))}`
      return row(title, '', times(medianRatio(ours, others[name]!)), null, note)
    }),
  ]
}

import { mkdirSync, rmSync } from 'node:fs'
import { applyChanges } from '../src/apply/run.ts'
import { undo } from '../src/apply/undo.ts'
import { onPath } from '../src/host/probe-files.ts'
import type { Want } from '../src/model/change.ts'
import { workFolder } from './places.ts'
import { ms, notMeasured, row, times, type Row } from './row.ts'
import { benchMachine, benchSession, changeOf } from './session.ts'
import { interleaved, median, medianRatio, output, plainEnv, timeCommand, timed } from './timing.ts'
import { makeWheels } from './wheels.ts'

const WHAT = 'apply of an environment against the same commands by hand, with'
const SIZE = { count: 12, files: 250, lines: 60 }

type Installer = 'uv' | 'pip'

/** What a person would type for the same environment. */
function byHand(installer: Installer, uv: string, python: string, path: string, wheels: string[]): string[][] {
  const inside = `${path}/bin/python`
  if (installer === 'pip') return [[python, '-m', 'venv', path], [inside, '-m', 'pip', 'install', ...wheels]]
  return [
    [uv, 'venv', '--allow-existing', '--no-project', '--no-python-downloads', '--python', python, path],
    [uv, 'pip', 'install', '--python', inside, ...wheels],
  ]
}

/** A recipe's main work, once through gb10 and once by hand, of wheels that lie on this machine: with uv, and with pip. */
export const environment = async (): Promise<Row[]> => [...(await environmentBy('uv')), ...(await environmentBy('pip'))]

async function environmentBy(installer: Installer): Promise<Row[]> {
  const uv = installer === 'pip' ? '' : onPath('uv', process.env['PATH'] ?? '')[0]
  const python = ['python3', '/usr/bin/python3'].flatMap((name) =>
    name.startsWith('/') ? [name] : onPath(name, process.env['PATH'] ?? ''),
  )[0]
  if (uv === undefined || python === undefined) return [notMeasured(`${WHAT} ${installer}`, '≤ 1.03×', `needs ${installer} and python3 on PATH`)]
  const folder = workFolder(`environment-${installer}`)
  const wheels = makeWheels(`${folder}/wheels`, SIZE)
  const pythonVersion = output([python, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).trim()
  const promised = wheels.map((_, n) => ({ distribution: `bench-package-${n}`, version: '1.0', localVersion: null }))
  const real = benchMachine()
  let tools = 0
  const machine = {
    ...real,
    run: async (...args: Parameters<typeof real.run>) => {
      const start = performance.now()
      try {
        return await real.run(...args)
      } finally {
        tools += performance.now() - start
      }
    },
  }
  const session = benchSession(`${folder}/state`, machine)
  let round = 0
  let appends = 0
  const plain = session.ledger.append
  const ledger = {
    ...session.ledger,
    append: (...args: Parameters<typeof plain>) => {
      const start = performance.now()
      const record = plain(...args)
      appends += performance.now() - start
      return record
    },
  }
  const shares: number[] = []
  const toolShares: number[] = []
  const taken = await interleaved(5, {
    async ours() {
      const path = `${folder}/ours`
      const cache = `${folder}/cache-ours`
      const want: Want = {
        kind: 'venv',
        path,
        python,
        pythonVersion,
        installer,
        uv: installer === 'uv' ? uv : null,
        cache,
        steps: [{ packages: wheels, index: 'default' }],
        constraints: [],
        promised,
        variables: {},
      }
      const run = `run-${round++}`
      ;[tools, appends] = [0, 0]
      const total = await timed(async () => {
        const { failed } = await applyChanges({ ...session, ledger }, run, [changeOf('environment', want)])
        if (failed) throw new Error(failed.error)
      })
      shares.push(appends / total)
      toolShares.push(tools / total)
      await undo(session, run, { run }, false)
      rmSync(cache, { recursive: true, force: true })
      return total
    },
    hand() {
      const path = `${folder}/hand`
      const env = plainEnv({
        LC_ALL: 'C.UTF-8',
        NO_COLOR: '1',
        UV_CACHE_DIR: `${folder}/cache-hand/uv`,
        UV_NO_PROGRESS: '1',
        UV_PYTHON_DOWNLOADS: 'never',
        PIP_CACHE_DIR: `${folder}/cache-hand/pip`,
      })
      mkdirSync(path)
      const total = byHand(installer, uv, python, path, wheels).reduce((sum, argv) => sum + timeCommand(argv, { env }), 0)
      rmSync(path, { recursive: true })
      rmSync(`${folder}/cache-hand`, { recursive: true, force: true })
      return total
    },
  })
  session.close()
  const ratio = medianRatio(taken.ours, taken.hand)
  const share = Math.round(median(toolShares) * 100)
  const note = `${ms(median(taken.ours))} against ${ms(median(taken.hand))}; ${share} % of ours is ${installer} itself; nothing is downloaded`
  return [
    row(
      `${WHAT} ${installer} (${SIZE.count} wheels, ${SIZE.count * SIZE.files} files, empty cache)`,
      '≤ 1.03×',
      times(ratio),
      ratio <= 1.03,
      note,
    ),
    row(`share of the ledger in it (${installer})`, '≤ 3 %', `${(median(shares) * 100).toFixed(2)} %`, median(shares) <= 0.03),
  ]
}

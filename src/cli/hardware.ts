import { createHash } from 'node:crypto'
import type { Machine } from '../host/machine.ts'
import type { Detection } from '../model/machine.ts'
import type { Topology } from '../report/hardware.ts'
import { jsonText } from '../report/json.ts'
import type { App } from './app.ts'
import { EXIT, UserError } from './exit.ts'
import { silentGpu } from './facts.ts'
import { makeFolder } from './save.ts'

const NAMES = ['hardware_baseline.json', 'topology.txt', 'specification.md'] as const
type Name = (typeof NAMES)[number]

/**
 * `gb10 detect --hardware DIR`: writes the three files about this machine's hardware. A file of that name which gb10 did not
 * write, or which was edited since, is never replaced: then nothing is written at all.
 */
export async function writeHardware(app: App, folder: string, detection: Detection, host: string | undefined): Promise<string[]> {
  const { parse } = await import('yaml')
  const { hardwareOf, readHardwareData } = await import('../report/hardware.ts')
  const { specificationText, topologyText } = await import('../report/hardware-text.ts')
  const { projectText, projectVersion } = await import('../host/project.ts')
  // As "$UNSET" in a script gives it: the folder that somebody happens to be in was not meant.
  if (folder === '') throw new UserError('--hardware names no folder', EXIT.usage, 'gb10 detect --hardware FOLDER')
  const machine = await app.machine()
  const root = machine.canonical(folder.startsWith('/') ? folder : `${process.cwd()}/${folder}`, true).replace(/(?<=.)\/+$/, '')
  const missing = missingFolders(machine, root)
  const foreign = NAMES.filter((name) => !replaceable(machine, `${root}/${name}`, name))
  if (foreign.length > 0) {
    throw new UserError(
      `${foreign.map((name) => `${root}/${name}`).join(', ')}: not written by gb10, or edited since: nothing was written`,
      EXIT.failed,
      'gb10 detect --hardware ANOTHER-FOLDER',
    )
  }
  const topology = await topologyOf(detection, host)
  const data = readHardwareData(parse(projectText('checks/_hardware.yaml')))
  const hardware = hardwareOf(detection, topology, { at: new Date().toISOString(), version: projectVersion(), data })
  const texts: Record<Name, string> = {
    'hardware_baseline.json': jsonText(hardware),
    'topology.txt': topologyText(topology),
    'specification.md': specificationText(hardware),
  }
  for (const path of missing) makeFolder(machine, path, 0o755)
  return NAMES.map((name) => {
    const path = `${root}/${name}`
    machine.write(path, Buffer.from(sealed(name, texts[name])), {
      mode: 0o644,
      uid: machine.uid,
      gid: machine.gid,
      temp: `.gb10-${machine.newId()}.tmp`,
    })
    return path
  })
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Every file says in itself that gb10 wrote it, and the hash of the rest tells whether anybody changed it. */
function sealed(name: Name, text: string): string {
  const mark = `Written by gb10 detect --hardware; sha256 of the rest: ${hash(text)}`
  if (name === 'hardware_baseline.json') return text.replace(/^\{\n/, `{\n  "generated": ${JSON.stringify(mark)},\n`)
  return name === 'topology.txt' ? `# ${mark}\n${text}` : `<!-- ${mark} -->\n${text}`
}

function replaceable(machine: Machine, path: string, name: Name): boolean {
  const stat = machine.lstat(path)
  if (stat === null) return true
  if (stat.type !== 'file') return false
  const text = machine.read(path).toString()
  const line =
    /^(?:\{\n {2}"generated": "|# |<!-- )Written by gb10 detect --hardware; sha256 of the rest: ([0-9a-f]{64})(?:",| -->)?\n/.exec(
      text,
    )
  if (line === null) return false
  const rest = text.slice(line[0].length)
  return line[1] === hash(name === 'hardware_baseline.json' ? `{\n${rest}` : rest)
}

/** The folders on the way that are still to be made, outermost first. */
function missingFolders(machine: Machine, root: string): string[] {
  const folders = root.split('/').map((_, i, names) => names.slice(0, i + 1).join('/')).slice(1)
  const first = folders.findIndex((path) => machine.lstat(path)?.type !== 'directory')
  if (first === -1) return []
  if (machine.lstat(folders[first]!) === null) return folders.slice(first)
  throw new UserError(`${folders[first]} is no folder: nothing was written`, EXIT.failed, 'gb10 detect --hardware ANOTHER-FOLDER')
}

async function topologyOf(detection: Detection, host: string | undefined): Promise<Topology> {
  const { status = 'hung' } = detection.facts['gpu.name'] ?? {}
  const silent = silentGpu(detection) !== null
  if (host === undefined && silent) return { status, text: '' }
  const { probeLive } = await import('../host/live.ts')
  const { readRecording } = await import('../host/recorded.ts')
  const asked = ['nvidia-smi', 'topo', '-m'] as const
  const captures =
    host === undefined ? await probeLive([{ kind: 'run', argv: asked, gpu: true, limit: 5000 }]) : await readRecording(host)
  const found = captures.find(({ argv }) => argv?.[0]?.split('/').at(-1) === 'nvidia-smi' && argv.includes('topo'))
  if (found === undefined) return { status: silent ? status : 'unrecorded', text: '' }
  const text = found.text.replaceAll(/\u001B\[[\d;]*[A-Za-z]/g, '').replaceAll(/[^\P{Cc}\t\n]/gu, '')
  return { status: found.status === 'ok' && text.trim() === '' ? 'error' : found.status, text }
}

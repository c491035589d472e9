import type { Fact, FactStatus } from '../model/fact.ts'
import { derived, factOf, file, tool, type Reading } from './reading.ts'

const line = (r: Reading, pattern: RegExp): string | null => pattern.exec(r.text)?.[1] ?? pattern.exec(r.stderr)?.[1] ?? null
const program = (name: string): { of: (r: Reading) => boolean; parse: (r: Reading) => string | null } => ({
  of: tool('which', (args) => args.includes(name)),
  // Some print on the same stream that there is none.
  parse: (r) => /^\/.*$/m.exec(r.text)?.[0].trim() ?? null,
})

/** A program that was looked for in the one place where it lies when no PATH leads there. */
const placed = (path: string): { of: (r: Reading) => boolean; parse: (r: Reading) => string | null } => ({
  of: tool('ls', (args) => args.includes(path)),
  parse: (r) => r.text.split('\n').find((l) => l === path) ?? null,
})

const DOCKER = tool('docker', (args) => args.includes('version'))
const DOCKER_INFO = tool('docker', (args) => args.includes('info'))

/** Client and server of `docker version`; the server's part is missing when the daemon cannot be reached. */
const server = (r: Reading): string | null => line(r, /^Server:[\s\S]*?^[ \t]+Version:[ \t]+(\S+)/m)

const access = (r: Reading): 'ok' | 'denied' | 'no-daemon' | null => {
  const said = `${r.text}\n${r.stderr}`
  if (server(r) !== null) return 'ok'
  // The client's own settings may be closed, as `sudo docker login` leaves them, and so may another machine: that is no word of the socket.
  if (/permission denied while trying to connect|connect: permission denied/i.test(said)) return 'denied'
  return /Cannot connect to the Docker daemon|failed to connect to the docker API|Is the docker daemon running/i.test(said)
    ? 'no-daemon'
    : null
}

const runtimes = (r: Reading): string[] | null => {
  const printed = /^[ \t]*Runtimes:[ \t]*(.+)$/m.exec(r.text)?.[1]
  if (printed !== undefined) return printed.trim().split(/\s+/)
  try {
    const settings = JSON.parse(r.text) as { runtimes?: unknown }
    return typeof settings.runtimes === 'object' && settings.runtimes !== null ? Object.keys(settings.runtimes) : []
  } catch {
    return null
  }
}

/** Names that a listing of a pattern printed; a pattern that was listed without a match gives an empty list. */
const listed = (readings: readonly Reading[], wanted: RegExp): Fact<string[]> => {
  const asked = readings.filter((r) => r.tool === 'ls' && r.args.some((a) => wanted.test(a)))
  const missed = asked.find((r) => r.status !== 'ok' && r.status !== 'absent')
  const told = asked.filter((r) => r.status === 'ok' || r.status === 'absent')
  const found = told.flatMap((r) => r.text.split('\n').filter((l) => l.startsWith('/')))
  const fact = derived(told.length === 0 ? null : found, (missed ?? asked[0])?.source, missed?.status)
  return ofCut(fact, missed !== undefined || told.some((r) => r.excerpt), missed?.status)
}

/** A list of what a cut listing shows: what it lacks may be there, and nothing says nothing. */
const ofCut = (fact: Fact<string[]>, cut: boolean, status?: FactStatus): Fact<string[]> =>
  !cut || fact.value === null ? fact : fact.value.length === 0 ? derived<string[]>(null, fact.source, status) : { ...fact, partial: true }

const KIND = /(?:^|[{,])\s*"?kind"?:\s*["']?([\w.-]+)\/[\w.-]+/m

/** CDI specifications that may be NVIDIA's: what the toolkits read at all, but for those that say they are for another maker's devices. */
const cdiSpecs = (readings: readonly Reading[]): Fact<string[]> => {
  const found = listed(readings, /\/cdi\//)
  const others = readings.filter((r) => {
    const maker = r.status === 'ok' ? KIND.exec(r.text)?.[1] : undefined
    return maker !== undefined && maker !== 'nvidia.com'
  })
  const value = found.value?.filter((path) => /\.(ya?ml|json)$/.test(path) && !others.some((r) => r.path === path)) ?? null
  return ofCut({ ...found, value }, found.partial === true)
}

/** Whether a listing of a pattern found anything. */
const someListed = (readings: readonly Reading[], wanted: RegExp): Fact<boolean> => {
  const found = listed(readings, wanted)
  return { ...found, value: found.value === null ? null : found.value.length > 0 }
}

const DOCKER_PROGRAM = program('docker')

/** Docker from snap: PATH finds its program, its daemon keeps its data in the snap's folder, or the program is there at all. */
const dockerSnap = (readings: readonly Reading[]): Fact<boolean> => {
  const chosen = readings.find(
    (r) =>
      r.status === 'ok' &&
      ((DOCKER_PROGRAM.of(r) && DOCKER_PROGRAM.parse(r)?.startsWith('/snap/')) ||
        (DOCKER_INFO(r) && /^[ \t]*Docker Root Dir:[ \t]*\/var\/snap\/docker\//m.test(r.text))),
  )
  return chosen ? derived(true, chosen.source) : someListed(readings, /\/snap\/bin\/docker/)
}

/** Are we in a container, and which kind: marker files, the first process's control group, what its systemd was told, systemd-detect-virt. */
const container = (readings: readonly Reading[]): Fact<string> => {
  const looks: [string, (r: Reading) => boolean][] = [
    ['docker', (r) => file('/.dockerenv')(r) && r.status === 'ok'],
    ['podman', (r) => file('/run/.containerenv')(r) && r.status === 'ok'],
    ['kubernetes', (r) => file('/proc/1/cgroup')(r) && /kubepods/.test(r.text)],
    ['docker', (r) => file('/proc/1/cgroup')(r) && /docker|containerd/.test(r.text)],
    ['lxc', (r) => file('/proc/1/cgroup')(r) && /\/lxc/.test(r.text)],
  ]
  for (const [kind, sees] of looks) {
    const r = readings.find(sees)
    if (r) return derived(kind, r.source)
  }
  const told = readings.find(file('/run/systemd/container'))
  const name = /^[a-z][\w-]*$/.exec(told?.text.trim() ?? '')?.[0]
  // systemd counts WSL among the containers, too.
  if (name !== undefined && name !== 'wsl') return derived(name, told?.source)
  const asked = readings.find((r) =>
    tool('systemd-detect-virt', (args) => args.some((a) => a === '-c' || a === '--container'))(r),
  )
  const said = asked?.text.trim() ?? ''
  if (/^[a-z]/.test(said)) return derived(said, asked?.source)
  // With cgroup v2 a container sees `0::/` alone, its own root, whoever made it; who entered it later may see its first process above that root.
  const looked =
    ['/.dockerenv', '/run/.containerenv'].every((path) => readings.some(file(path))) &&
    readings.some((r) => file('/proc/1/cgroup')(r) && !/^0::\/(\.\.(\/|$)|$)/.test(r.text.trim()))
  return derived(looked ? 'none' : null, asked?.source ?? '/proc/1/cgroup')
}

/** Containers around single programs: Docker's daemon, its settings and the CDI specifications are those of the machine outside. */
const GUESTS = ['docker', 'podman', 'kubernetes']

/** What a container lacks, or sees of the machine's, says nothing of the machine: a fact that is `local` is not known there. */
const outside = <T>(fact: Fact<T>, kind: Fact<string>, local: boolean): Fact<T> =>
  local && kind.value !== null && GUESTS.includes(kind.value) ? derived<T>(null, kind.source) : fact

/**
 * Facts of software beside the driver: `container.kind` (`none` outside), `docker.{path,snap,client,server,access,runtimes}`,
 * `cdi.specs`, `containerToolkit.version`, `ollama.{path,version,service}`, `uv.version`, `conda.roots`, `conda.version`, `apt.held`.
 */
export const serviceFacts = (readings: readonly Reading[]): Record<string, Fact> => {
  const kind = container(readings)
  const reached = factOf(readings, [{ of: DOCKER, parse: access }])
  const known = factOf(readings, [
    { of: DOCKER_INFO, parse: runtimes },
    { of: file('/etc/docker/daemon.json'), parse: runtimes },
  ])
  const specs = cdiSpecs(readings)
  return {
    'container.kind': kind,
    'docker.path': factOf(readings, [program('docker'), placed('/snap/bin/docker')]),
    'docker.snap': dockerSnap(readings),
    'docker.client': factOf(readings, [{ of: DOCKER, parse: (r) => line(r, /^Client:[\s\S]*?^[ \t]+Version:[ \t]+(\S+)/m) }]),
    'docker.server': factOf(readings, [{ of: DOCKER, parse: server }]),
    'docker.access': outside(reached, kind, reached.value === 'no-daemon'),
    'docker.runtimes': outside(known, kind, known.status === 'absent'),
    'cdi.specs': outside(specs, kind, (specs.value ?? []).length > 0),
    'containerToolkit.version': factOf(readings, [
      { of: tool('nvidia-ctk'), parse: (r) => line(r, /Toolkit CLI version (\S+)/) },
      { of: tool('dpkg'), parse: (r) => line(r, /^ii\s+nvidia-container-toolkit\s+(\S+?)(?:-\d+)?\s/m) },
    ]),
    'ollama.path': factOf(readings, [program('ollama'), placed('/usr/local/bin/ollama')]),
    'ollama.version': factOf(readings, [
      {
        of: tool('ollama', (args) => args.includes('--version') || args.includes('-v')),
        parse: (r) => line(r, /version is (\d\S*)/),
      },
    ]),
    'ollama.service': factOf(readings, [
      {
        of: tool('systemctl', (args) => args.some((a) => /^ollama(\.service)?$/.test(a))),
        parse: (r) => line(r, /^[ \t]*Active:\s+(\w+)/m),
      },
    ]),
    'uv.version': factOf(readings, [{ of: tool('uv'), parse: (r) => line(r, /^uv (\d\S*)/) }]),
    'conda.roots': listed(readings, /conda-meta/),
    'conda.version': factOf(readings, [{ of: tool('conda'), parse: (r) => line(r, /^conda (\d\S*)/) }]),
    'apt.held': factOf(readings, [
      {
        of: tool('apt-mark', (args) => args.includes('showhold')),
        parse: (r) => r.text.split('\n').filter((l) => l.trim() !== ''),
      },
      {
        of: tool('dpkg-query'),
        parse: (r) => [...r.text.matchAll(/^hi[ R]?\s+(\S+)/gm)].map((m) => m[1] ?? ''),
      },
    ]),
  }
}

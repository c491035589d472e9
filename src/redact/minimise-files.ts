import type { Capture } from '../model/capture.ts'

type Part = (text: string, variables: ReadonlySet<string>) => string

const whole = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`)

/** The lines that a pattern matches, as much of each as it matches. */
const lines =
  (pattern: RegExp): Part =>
  (text) =>
    whole(text.split(/\r?\n/).flatMap((line) => pattern.exec(line)?.[0] ?? []))

/** Of a systemd unit: the variables that gb10 knows, what takes them back, and that more stand in a file. Any other is as likely a password. */
const unit: Part = (text, variables) =>
  whole([
    '[Service]',
    ...[...text.matchAll(/^[ \t]*(Environment|UnsetEnvironment|EnvironmentFile)=[ \t]*(.*)$/gm)].flatMap(([, key = '', said = '']) => {
      if (said === '') return [`${key}=`]
      if (key === 'EnvironmentFile') return [`${key}=/file`]
      return [...said.matchAll(/"([A-Za-z_]\w*)(?:=[^"]*)?"|'([A-Za-z_]\w*)(?:=[^']*)?'|([A-Za-z_]\w*)(?:=\S*)?/g)]
        .filter(([, one, two, three]) => variables.has(one ?? two ?? three ?? ''))
        .map(([assignment]) => `${key}=${assignment}`)
    }),
  ])

/** Of Docker's settings: what its runtimes are called. Beside them stand mirrors, proxies and labels. */
const runtimes: Part = (text) => {
  try {
    const { runtimes: found } = JSON.parse(text) as { runtimes?: unknown }
    const named = typeof found === 'object' && found !== null ? Object.keys(found).map((name) => [name, {}]) : null
    return `${JSON.stringify(named === null ? {} : { runtimes: Object.fromEntries(named) as object })}\n`
  } catch {
    return '-- not JSON --\n'
  }
}

const FIELD = /^(?:Types|URIs|Suites|Enabled|Signed-By):/i

/** Of a deb822 file: the fields that tell a source, with the lines that go on from them; blank lines part the stanzas. */
const stanzas: Part = (text) => {
  let kept = false
  return whole(
    text.split(/\r?\n/).filter((line) => {
      if (line.startsWith('#')) return false
      kept = line.trim() === '' || (/^[ \t]/.test(line) ? kept : FIELD.test(line))
      return kept
    }),
  )
}

/** Of the list of packages that came for others: the drivers in it. The rest tells what its owner installed. */
const automaticDrivers: Part = (text) =>
  text
    .split(/\n[ \t]*\n/)
    .filter((stanza) => /^Package: nvidia-driver-/m.test(stanza))
    .map((stanza) => `${stanza.trim()}\n\n`)
    .join('')

/** Of the first process's control group: what kind of container it is. What follows is the container's own name. */
const kindOfContainer: Part = (text) => text.replaceAll(/(kubepods|docker|containerd|\/lxc)[^\n]*/g, '$1')

/** A file that says by being there what is asked; in it stand names of containers and images. */
const nothing: Part = () => ''

/** The units that checks know, out of all that are enabled: others are called after customers, servers and people. */
const knownUnits: Part = (text) => text.replaceAll(/^[^\n]*\.wants\/(?!(?:nvidia|docker|containerd|ollama)[\w.-]*$)[^\n]*\n?/gm, '')

/** A network's file system by its shape alone: what stands there names the server, its share and the user. */
const withoutServers: Part = (text) =>
  text
    .replaceAll(/^\/\/[^\n]*?(?=\s+\d+\s+\d+\s+-?\d+\s)/gm, '//server/share')
    .replaceAll(/^[^\s/][^\s]*:\S*(?=\s+\d+\s+\d+\s+-?\d+\s)/gm, 'server:/share')

/** A context is called after the machine or the customer whose daemon it reaches; an address names them, too. */
const withoutDaemon: Part = (text) =>
  text.replaceAll(/^[ \t]*Context:[^\n]*\n?/gm, '').replaceAll(/\b((?:tcp|ssh|https?):\/\/|lookup )[^\s/"']+/g, '$1server')

/** The first that fits counts. */
const FILES: [path: RegExp, part: Part][] = [
  [/^\/etc\/dgx-release$/, lines(/^[ \t]*(?:export[ \t]+)?DGX_(?:NAME|PRETTY_NAME|PLATFORM|(?:SWBUILD|OTA)_\w+)[ \t]*=.*/)],
  [/^\/(?:etc|usr\/lib|lib)\/systemd\/system\/.+\.(?:service|conf)$/, unit],
  [/^\/(?:etc|usr\/lib|lib)\/os-release$/, lines(/^[ \t]*(?:ID|VERSION_ID|PRETTY_NAME)=.*/)],
  [/^\/run\/\.containerenv$/, nothing],
  [/^\/run\/systemd\/container$/, lines(/^(?:docker|podman|lxc(?:-libvirt)?|systemd-nspawn|openvz|oci|rkt|wsl|proot|pouch)$/)],
  [/^\/proc\/1\/cgroup$/, kindOfContainer],
  [/^\/var\/lib\/apt\/extended_states$/, automaticDrivers],
  [/^\/etc\/docker\/daemon\.json$/, runtimes],
  [/^\/etc\/apt\/sources\.list(?:\.d\/[^/]+\.list)?$/, lines(/^[ \t]*deb[ \t][^#\n]*/)],
  [/^\/etc\/apt\/sources\.list\.d\/[^/]+\.sources$/, stanzas],
  [/^\/etc\/apt\/sources\.list\.d\//, () => ''],
]
const TOOLS: Record<string, Part> = {
  // One assignment of a shell's start file; another or a comment may follow it.
  grep: lines(/^[^:\n]*:[ \t]*(?:export[ \t]+)?[A-Z_][A-Z0-9_]*=(?:"[^"]*"|'[^']*'|[^\s;&|#]*)/),
  df: withoutServers,
  docker: withoutDaemon,
  ls: knownUnits,
  modinfo: lines(/^(?:filename|version|license|srcversion|supported|vermagic|name):.*/),
}

/** The capture with no more of a file, or of what a tool printed, than facts are read from. `variables`: those of units. */
export function partOf(capture: Capture, variables: ReadonlySet<string>): Capture {
  const { path, argv, text } = capture
  const [tool = '', ...args] = argv ?? []
  const name = tool.split('/').at(-1) ?? ''
  const read = name !== 'grep' || args.some((arg) => /\/\.(?:bashrc|profile|bash_profile|zshrc)$/.test(arg))
  const part = path === undefined ? (read ? TOOLS[name] : undefined) : FILES.find(([of]) => of.test(path))?.[1]
  if (part === undefined) return capture
  const complaint = part === withoutDaemon ? part(capture.stderr, variables) : capture.stderr
  return { ...capture, text: text && part(text, variables), stderr: complaint }
}

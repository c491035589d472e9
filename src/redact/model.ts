/** What kind of thing a name is; also the word its token starts with (`host-1`, `ip-2`). */
export type Kind =
  | 'host'
  | 'user'
  | 'home'
  | 'ip'
  | 'mac'
  | 'serial'
  | 'uuid'
  | 'gpu'
  | 'machine'
  | 'boot'
  | 'ssid'
  | 'domain'
  | 'folder'
  | 'repository'
  | 'model'
  | 'email'
  | 'phone'
  | 'name'
  | 'secret'

/**
 * One text that tells which machine or whose it is. `as`: another value whose token it shares (a full host name and its short
 * form).
 */
export type Identifier = { kind: Kind; value: string; as?: string }

/** One way to see a secret, from checks/_redaction.yaml. */
export type Detector = {
  name: string
  pattern: RegExp
  reject: RegExp | null
  entropy: number
  /** The value must have letters of both cases, although the words around it may have any. */
  mixedCase: boolean
}

export type RedactionData = {
  detectors: Detector[]
  words: ReadonlySet<string>
  homes: ReadonlySet<string>
  /** What names of folders below a home may consist of. */
  folders: ReadonlySet<string>
  /** Servers of packages that belong to the public, by their domain, and words of which names of lists of sources consist. */
  mirrors: ReadonlySet<string>
  repositories: ReadonlySet<string>
  /** Models that checks ask for. */
  models: ReadonlySet<string>
  /** Models of Ollama's public library, without tags. */
  library: ReadonlySet<string>
  /** Variables of a systemd unit that may go along. */
  variables: ReadonlySet<string>
}

/**
 * What is looked for. `accept` judges a match by its value and by what stands around it; `kindOf` tells the kinds of one
 * pattern apart.
 */
export type Rule = {
  name: string
  kind: Kind
  pattern: RegExp
  accept: (value: string, before: string, after: string) => boolean
  kindOf?: (value: string) => Kind
}

const TOKEN =
  /^(?:\/?(?:host|user|home|folder|repository|ip|mac|serial|uuid|machine|boot|ssid|domain|email|phone|name|secret)-\d{1,6}|private(?:--|\/)model-\d{1,6}|GPU-00000000-0000-0000-0000-\d{12})$/

/** True for what stands in place of something that was replaced. */
export const isToken = (text: string): boolean => TOKEN.test(text)

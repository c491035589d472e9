/** What a proof of work may be told to run on; `auto` takes the GPU when there is one. */
export type SmokeDevice = 'cuda' | 'cpu' | 'auto'

/** How a smoke script ended: its last line of standard output is the observation. `seconds` is the caller's own clock. */
export type SmokeRun = {
  name: string
  exitCode: number | null
  timedOut: boolean
  stdout: string
  stderr: string
  seconds: number
}

/**
 * What must hold besides the numbers. `torch` is the promise about the wheels: the start of `torch.version.cuda`, and the
 * architectures of which the wheel must carry one.
 */
export type SmokeDemand = { device: SmokeDevice; torch?: { cuda: string; archs: readonly string[] } }

/** A published model: its exact size, and the weight files known by hash. Null where no reference gives a number. */
export type KnownModel = { name: string; parameters: number | null; sha256: readonly string[] }

/** A missing piece of the machine: how it shows in an error, and what brings it. `{python}` is the Python's major.minor. */
export type SmokeNeed = { id: string; match: readonly string[]; what: string; command: string }

/** How long a page took somebody else, once, as reported (`12-17`): shown beside a measured time, never a limit. */
export type ReportedSpeed = { machine: string; secondsPerPage: string; what: string; reported: string; url: string }

/** What is known of DeepSeek-OCR in both its versions; `{variant}` in the command is v1 or v2. */
export type KnownOcr = { v1: KnownModel; v2: KnownModel; getModels: string; speeds: readonly ReportedSpeed[] }

/** The dated knowledge a verdict rests on, from smoke/_models.yaml and smoke/_needs.yaml. `torch` is the promise of its wheels. */
export type SmokeData = {
  models: { layout: KnownModel; table: KnownModel }
  deepseekOcr: KnownOcr
  torch: { cuda: string; archs: readonly string[] }
  getModels: string
  needs: readonly SmokeNeed[]
}

export type SmokeVerdict = 'pass' | 'fail' | 'blocked'

/** One proof of work, judged. `pass` means that the real thing ran on the demanded device and its result was right. */
export type SmokeResult = {
  name: string
  verdict: SmokeVerdict
  reason: string
  device: string
  model: 'real' | 'stand-in'
  metrics: Record<string, unknown>
  expected: string
  actual: string
  seconds: number
}

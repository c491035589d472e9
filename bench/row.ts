/** One line of the table. `met` is null where there is no limit, `measured` where it was not measured: `note` says why. */
export type Row = { what: string; limit: string; measured: string | null; met: boolean | null; note: string }

/** A part of the bench: gives its rows, and may take its time. */
export type Part = () => Row[] | Promise<Row[]>

export const row = (what: string, limit: string, measured: string, met: boolean | null = null, note = ''): Row => ({
  what,
  limit,
  measured,
  met,
  note,
})

export const notMeasured = (what: string, limit: string, why: string): Row => ({
  what,
  limit,
  measured: null,
  met: null,
  note: why,
})

export const ms = (value: number): string => `${Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0)} ms`

/** A time against `node -e 0` in the same run; in multiples of it too, which a busy machine changes less. */
export const overF = (value: number, f: number): string =>
  `F ${value < 0 ? '-' : '+'} ${ms(Math.abs(value))} (${(1 + value / f).toFixed(1)} F)`

export const times = (ratio: number): string => `${ratio.toFixed(2)}×`

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

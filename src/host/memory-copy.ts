import { availableParallelism, loadavg } from 'node:os'

/**
 * Bandwidth of one core copying memory, in GB/s (bytes read and written count once): the best of a few rounds over buffers
 * larger than any cache.
 * Takes about a quarter of a second and 128 MiB. Null on a machine that is busy with other work: a number from there would say
 * nothing.
 */
export function copyBandwidth(bytes = 64 << 20, milliseconds = 250): number | null {
  if ((loadavg()[0] ?? 0) > 0.75 * availableParallelism()) return null
  const from = Buffer.alloc(bytes, 1)
  const to = Buffer.alloc(bytes)
  let best = Infinity
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    const started = performance.now()
    from.copy(to)
    best = Math.min(best, performance.now() - started)
  }
  return Math.round((bytes / best / 1e6) * 10) / 10
}

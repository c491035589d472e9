// node scripts/links.ts: asks every address that a check or a recipe refers to whether it is still there. For a weekly job with a network.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const AT_A_TIME = 4
const LIMIT_MS = 20_000

/** Every address in `references` of a catalogue file, by a plain look at its lines: a file that does not parse has links too. */
export const linksIn = (text: string): string[] =>
  [...text.matchAll(/\burl: ['"]?(https?:\/\/[^\s'",}{]+)/g)].map(([, url]) => url!)

/** Why an address is gone, or null. A server that turns programs away (403, 429) or is down for a moment (5xx) tells nothing. */
export async function goneBecause(url: string): Promise<string | null> {
  for (const method of ['HEAD', 'GET']) {
    try {
      const { status, body } = await fetch(url, { method, redirect: 'follow', signal: AbortSignal.timeout(LIMIT_MS) })
      await body?.cancel()
      if (status < 400) return null
      if (method === 'GET') return status === 404 || status === 410 ? `answers ${status}` : null
    } catch (error) {
      const { cause, message } = error as Error
      if (method === 'GET') return cause instanceof Error ? cause.message : message
    }
  }
  return null
}

/** The addresses that are gone, with the reason. */
export async function gone(urls: readonly string[]): Promise<[url: string, reason: string][]> {
  const left = [...new Set(urls)]
  const dead: [string, string][] = []
  const worker = async (): Promise<void> => {
    for (let url = left.shift(); url !== undefined; url = left.shift()) {
      const reason = await goneBecause(url)
      if (reason !== null) dead.push([url, reason])
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return dead.sort(([a], [b]) => (a < b ? -1 : 1))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = ['checks', 'recipes'].flatMap((folder) =>
    (readdirSync(`${root}${folder}`, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => `${root}${folder}/${name}`),
  )
  // The files of a recipe's downloads are not references: they are hashed, and large.
  const urls = files.flatMap((file) => linksIn(readFileSync(file, 'utf8'))).filter((url) => !url.includes('/resolve/'))
  const dead = await gone(urls)
  for (const [url, reason] of dead) process.stdout.write(`${url} ${reason}\n`)
  process.stdout.write(`${new Set(urls).size} links, ${dead.length} gone\n`)
  process.exitCode = dead.length > 0 ? 1 : 0
}

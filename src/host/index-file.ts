import { pipConfig } from './pip-config.ts'
import { FetchFailed, fetchText } from './fetch.ts'

/** One file of a Python index: where it lies, and its sha256 if the index gives it. */
export type IndexFile = { name: string; url: string; sha256: string | null }

/** The files of a project on one index, by the simple repository API (JSON or HTML). Throws `FetchFailed` when it cannot be had. */
export async function indexFiles(index: string, project: string, signal?: AbortSignal): Promise<IndexFile[]> {
  const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1'
  const page = await fetchText(`${index.replace(/\/+$/, '')}/${project}/`, signal, accept)
  if (page.type.includes('json')) {
    const { files } = JSON.parse(page.text) as { files: { filename: string; url: string; hashes?: { sha256?: string } }[] }
    return files.map((f) => ({ name: f.filename, url: new URL(f.url, page.url).href, sha256: f.hashes?.sha256 ?? null }))
  }
  return [...page.text.matchAll(/<a\s[^>]*href\s*=\s*["']([^"']+)["'][^>]*>([^<]*)<\/a>/gi)].map(([, href, text]) => {
    const [address, fragment] = href!.replaceAll('&amp;', '&').split('#')
    return { name: text!.trim(), url: new URL(address!, page.url).href, sha256: /sha256=([0-9a-f]{64})/.exec(fragment ?? '')?.[1] ?? null }
  })
}

/** The indexes that `default` stands for, as pip is configured; empty when pip uses its own. */
export function defaultIndexes(env: Readonly<Record<string, string | undefined>>): string[] {
  const { index, extra } = pipConfig(env)
  return [...(index ? [index] : []), ...extra]
}

/** Finds the address of one file on the first of several indexes that has it; null when none does. */
export async function locate(indexes: readonly string[], project: string, name: string, signal?: AbortSignal): Promise<string | null> {
  for (const index of indexes) {
    try {
      const file = (await indexFiles(index, project, signal)).find((f) => f.name === name)
      if (file) return file.url
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error
    }
  }
  return null
}

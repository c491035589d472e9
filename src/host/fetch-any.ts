import { closeSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipEnvironment } from './children.ts'
import { command } from './command.ts'
import { FetchFailed, fetchFile } from './fetch.ts'
import { defaultIndexes, locate } from './index-file.ts'
import type { Machine } from './machine.ts'
import { openFolder, splitPath, through } from './paths.ts'

/**
 * Fetches an address, or `index:<index>/<project>/<file>`: a file named by a Python index. Where `default` stands for pip's own index, which
 * only pip knows, a pip that is on the machine fetches it.
 */
export function fetcher(env: Record<string, string>, hash: Machine['hash']): Machine['fetch'] {
  return async (url, path, options) => {
    const named = /^index:(.+)\/([^/]+)\/([^/]+)$/.exec(url)
    if (!named) return intoHeld(url, path, options)
    const [, index, project, name] = named as unknown as [string, string, string, string]
    const found = await locate(index === 'default' ? defaultIndexes(env) : [index], project, name, options.signal)
    if (found) return intoHeld(found, path, options)
    if (index !== 'default') throw new FetchFailed(`${name} is not on the index ${index}`)
    await withPip(env, project, name, path, options.signal)
    return hash(path)
  }
}

/** Through the folder that is held open: were it swapped for a link meanwhile, nothing would go where that leads. */
async function intoHeld(url: string, path: string, options: Parameters<Machine['fetch']>[2]): Promise<string> {
  const [parent, name] = splitPath(path)
  const folder = openFolder(parent)
  try {
    return await fetchFile(url, through(folder, name), options)
  } finally {
    closeSync(folder)
  }
}

async function withPip(env: Record<string, string>, project: string, name: string, path: string, signal?: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(dirname(path), '.pip-'))
  try {
    const version = name.split('-')[1]!
    const argv = ['python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder, `${project}==${version}`]
    const exit = await command(argv, pipEnvironment(env), signal ? { signal } : {})
    if (exit.code !== 0) throw new FetchFailed(`${project} ${version} could not be fetched: no index is configured for pip, and pip says: ${exit.tail || exit.code}`)
    renameSync(join(folder, name), path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

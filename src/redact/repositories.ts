import { telling } from './folders.ts'
import type { RedactionData, Rule } from './model.ts'

const ADDRESS = /\b[a-z][a-z+]{1,20}:\/\/(?:[^\s/@]{0,400}@)?([^\s/?#]{1,253})(\/[^\s?#]{0,400})?/gi

/** Addresses in a list of apt's sources, without their scheme and credentials: each server, and the server with its folder. */
export const repositoriesIn = (text: string): string[] =>
  [...text.matchAll(ADDRESS)].flatMap(([, server = '', folder = '']) =>
    /^(?:localhost|127\.|\[::1\])/.test(server) ? [] : [server, `${server}${folder.replace(/\/+$/, '')}`],
  )

/** Whether a repository belongs to the public: what lies elsewhere is called after a company, a customer or a project. */
export function isPublicRepository(address: string, { mirrors }: Pick<RedactionData, 'mirrors'>): boolean {
  const labels = (address.toLowerCase().split(/[:/]/, 1)[0] ?? '').split('.')
  return labels.some((_, at) => mirrors.has(labels.slice(at).join('.')))
}

/** Names of lists of apt's sources, which their owner chose. */
export const repositoryFiles = ({ folders, repositories }: RedactionData): Rule => {
  const known = new Set([...folders, ...repositories])
  return {
    name: 'repository-file',
    kind: 'repository',
    accept: (value) => value !== '*' && telling(value, known),
    pattern: /\/etc\/apt\/sources\.list\.d\/(?<id>[^\s/\\"',:;()]{1,100}?)(?:\.(?:list|sources)(?:\.\w{1,20})?)?(?![^\s/\\"',:;()])/dg,
  }
}

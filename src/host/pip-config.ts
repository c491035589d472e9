import { readFileSync } from 'node:fs'

/** What of pip's settings decides where packages come from. */
export type PipConfig = { index: string | null; extra: string[]; findLinks: string[]; cert: string | null; proxy: string | null; trusted: string[] }

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean)

/** The `[global]` and `[install]` settings of one pip.conf; `[install]` wins, as in pip. Values may go on in indented lines. Pure. */
export function parsePipConf(text: string): Record<string, string> {
  const sections: Record<string, Record<string, string>> = {}
  let section = ''
  let last = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\s+$/, '')
    const header = /^\[(.+)\]$/.exec(line)
    const pair = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line)
    if (/^\s*[#;]/.test(line) || line === '') continue
    if (header) section = header[1]!
    else if (pair) (sections[section] ??= {})[(last = pair[1]!.replaceAll('_', '-').toLowerCase())] = pair[2]!
    else if (/^\s/.test(line) && last) sections[section]![last] += ` ${line.trim()}`
  }
  return { ...sections['global'], ...sections['install'] }
}

/** pip's settings of this user: /etc/pip.conf, then the user's, then PIP_CONFIG_FILE, then PIP_* variables; later ones win. */
export function pipConfig(env: Readonly<Record<string, string | undefined>>): PipConfig {
  const home = env['HOME'] ?? '/nonexistent'
  const own = env['PIP_CONFIG_FILE']
  const files = own === '/dev/null' ? [] : ['/etc/pip.conf', '/etc/xdg/pip/pip.conf', `${home}/.pip/pip.conf`, `${env['XDG_CONFIG_HOME'] || `${home}/.config`}/pip/pip.conf`, own]
  const settings: Record<string, string> = {}
  for (const file of files) if (file) Object.assign(settings, parsePipConf(readOr(file)))
  const get = (name: string): string | undefined => env[`PIP_${name.toUpperCase().replaceAll('-', '_')}`] || settings[name]
  return {
    index: get('index-url') ?? null, extra: words(get('extra-index-url')), findLinks: words(get('find-links')),
    cert: get('cert') ?? null, proxy: get('proxy') ?? null, trusted: words(get('trusted-host')),
  }
}

const readOr = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The same settings as uv's variables. What the user set for uv itself wins. A file index that holds plain folders is no index to uv. */
export function uvVariables(pip: PipConfig, env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const wanted: Record<string, string> = {
    ...(pip.index ? { UV_DEFAULT_INDEX: pip.index } : {}),
    ...(pip.extra.length > 0 ? { UV_INDEX: pip.extra.join(' '), UV_INDEX_STRATEGY: 'unsafe-best-match' } : {}),
    ...(pip.findLinks.length > 0 ? { UV_FIND_LINKS: pip.findLinks.join(',') } : {}),
    ...(pip.cert ? { SSL_CERT_FILE: pip.cert } : {}),
    ...(pip.proxy ? { HTTPS_PROXY: pip.proxy, HTTP_PROXY: pip.proxy } : {}),
    ...(pip.trusted.length > 0 ? { UV_INSECURE_HOST: pip.trusted.join(' ') } : {}),
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !env[name]))
}

/** The same settings as pip's variables, with pip's own files switched off. */
export function pipVariables(pip: PipConfig): Record<string, string> {
  return {
    PIP_CONFIG_FILE: '/dev/null',
    ...(pip.index ? { PIP_INDEX_URL: pip.index } : {}),
    ...(pip.extra.length > 0 ? { PIP_EXTRA_INDEX_URL: pip.extra.join(' ') } : {}),
    ...(pip.findLinks.length > 0 ? { PIP_FIND_LINKS: pip.findLinks.join(' ') } : {}),
    ...(pip.cert ? { PIP_CERT: pip.cert } : {}),
    ...(pip.proxy ? { PIP_PROXY: pip.proxy } : {}),
    ...(pip.trusted.length > 0 ? { PIP_TRUSTED_HOST: pip.trusted.join(' ') } : {}),
  }
}

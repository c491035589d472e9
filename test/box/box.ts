import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface BoxOptions {
  /** Debian packages on top of the bare machine; each set is installed once and cached. `['python3']` is Python without pip and venv. */
  packages?: string[]
  /** `root` or the plain user `spark`, with that home as the working folder unless `cwd` says otherwise. */
  user?: 'root' | 'spark'
  cwd?: string
  /** Folders or files of this machine seen inside, read-only. */
  bind?: Record<string, string>
  /** The same, writable: for what the command is to give back. */
  bindWritable?: Record<string, string>
  env?: Record<string, string>
  offline?: boolean
  timeoutMs?: number
}

export interface BoxResult {
  stdout: string
  stderr: string
  code: number
}

/** Runs a shell script (or an argv) in a machine that is thrown away afterwards. See box.sh. */
export function box(options: BoxOptions, command: string | string[]): Promise<BoxResult> {
  const { packages = [], user = 'root', bind = {}, bindWritable = {}, env = {}, offline = false, timeoutMs = 600_000 } = options
  const pairs = (flag: string, all: Record<string, string>) => Object.entries(all).flatMap(([from, to]) => [flag, `${from}:${to}`])
  const argv = ['run', '--user', user, '--cwd', options.cwd ?? (user === 'spark' ? '/home/spark' : '/root')]
  if (packages.length > 0) argv.push('--packages', packages.join(' '))
  if (offline) argv.push('--offline')
  argv.push(...pairs('--bind', bind), ...pairs('--bind-rw', bindWritable), '--')
  argv.push('env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`))
  argv.push(...(typeof command === 'string' ? ['sh', '-ec', command] : command))
  return new Promise((resolve, reject) => {
    const child = spawn(join(import.meta.dirname, 'box.sh'), argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    const result: BoxResult = { stdout: '', stderr: '', code: -1 }
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.stdout.on('data', chunk => (result.stdout += chunk))
    child.stderr.on('data', chunk => (result.stderr += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 125) reject(new Error(result.stderr))
      else resolve({ ...result, code: code ?? (signal === 'SIGKILL' ? 137 : 143) })
    })
  })
}

/** Boxes need root, the right to make mount namespaces, and debootstrap; in CI the last one is installed, so its absence must fail. */
export const canBox =
  process.getuid?.() === 0 &&
  (process.env['CI'] === 'true' || existsSync('/usr/sbin/debootstrap')) &&
  spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, constants, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { beside, workshop, type Workshop } from '../crash/material.ts'

// A disk image holds what a disk would hold: what was not synced is in the kernel's memory only. So a copy of the image, taken
// while gb10 is at work, is the disk after the power went. Mounts live in namespaces of their own and go with the processes in
// them; so do process numbers: after a loss of power nobody is alive.

/** What one line of the driver says. */
type Line = {
  pause?: number
  after?: string
  command?: string
  code?: number
  calls?: number
  drift?: string[]
  manifest?: string[]
  thrown?: string
  document?: object
}

/** One copy of the disk: at which call it was taken, and what was wrong with it after all was taken back. */
export type Trial = { at: number; after: string | null; wrong: string[] }

export type PowerBench = { run(mutant: string, pauses: number, random: () => number): Promise<Trial[]>; close(): void }

/** Whether images can be mounted here. */
export function mountable(): boolean {
  try {
    execFileSync(
      'unshare',
      [
        '-m',
        'sh',
        '-c',
        'f=$(mktemp) && truncate -s 4M "$f" && mkfs.ext4 -q -F "$f" && mount -o loop "$f" /mnt; s=$?; rm -f "$f"; exit $s',
      ],
      { stdio: 'ignore' },
    )
    return true
  } catch {
    return false
  }
}

export async function powerBench(): Promise<PowerBench> {
  const shop = await workshop()
  const place = `${shop.fast}/power`
  const [disk, template] = [`${place}/disk`, `${place}/template.img`]
  mkdirSync(disk, { recursive: true })
  const driver = await bundled(shop)
  execFileSync('truncate', ['-s', '32M', template])
  execFileSync('mkfs.ext4', ['-q', '-F', '-b', '4096', '-J', 'size=4', '-E', 'lazy_itable_init=0,lazy_journal_init=0', template])
  execFileSync('unshare', [
    '-m',
    'sh',
    '-c',
    'mount -o loop "$1" "$2" && cp -a "$3" "$2/home" && umount "$2"',
    'sh',
    template,
    disk,
    shop.template,
  ])
  let number = 0
  const copy = (of: string): string => {
    const to = `${place}/${number++}.img`
    copyFileSync(of, to, constants.COPYFILE_FICLONE)
    return to
  }
  /** Runs the driver on an image; at every pause `stopped` looks, then it goes on. */
  const drive = (
    image: string,
    pauses: string,
    mutant: string,
    commands: string[],
    stopped: (line: Line) => void,
  ): Promise<Line[]> => {
    const script = 'for i in 1 2 3 4 5 6 7 8; do mount -o loop "$1" "$2" && break; sleep 1; done; shift 2; exec "$@"'
    const argv = [process.execPath, driver, pauses, `${disk}/home`, shop.materialFile, mutant, ...commands]
    const env = { ...process.env, NODE_COMPILE_CACHE: `${shop.root}/compiled` }
    const child = spawn(
      'unshare',
      ['-m', '-p', '-f', '--mount-proc', '--kill-child', 'sh', '-c', script, 'sh', image, disk, ...argv],
      { stdio: ['pipe', 'pipe', 'inherit'], env },
    )
    return said(child, stopped)
  }
  const before = (await drive(copy(template), '', '', ['manifest'], () => undefined))[0]!.manifest!
  const total = calls(await drive(copy(template), '', '', ['apply', 'undo', 'uninstall'], () => undefined))

  const check = async (image: string, { pause, after }: Line): Promise<Trial> => {
    const wrong: string[] = []
    const lines = await drive(image, '', '', [...(after === 'apply' ? ['drift'] : []), 'uninstall', 'manifest'], () => undefined)
    rmSync(image)
    for (const { drift, thrown, code, document, manifest } of lines) {
      if (drift) wrong.push(...drift.map((text) => `said to be set up, but ${text}`))
      if (thrown) wrong.push(thrown)
      if (code) wrong.push(`uninstall ended with ${code}: ${JSON.stringify(document)}`)
      if (manifest)
        wrong.push(
          ...before.filter((l) => !manifest.includes(l)).map((l) => `- ${l}`),
          ...manifest.filter((l) => !before.includes(l)).map((l) => `+ ${l}`),
        )
    }
    if (!lines.some((line) => line.manifest)) wrong.push('the driver ended early')
    return { at: pause!, after: after ?? null, wrong }
  }
  return {
    async run(mutant, pauses, random) {
      const stops = Array.from({ length: pauses }, () => 1 + Math.floor(random() * total)).join(',')
      const checks: Promise<Trial>[] = []
      let last: Promise<unknown> = Promise.resolve()
      const image = copy(template)
      await drive(image, stops, mutant, ['apply', 'undo', 'uninstall'], (line) => {
        const taken = settled(image, copy)
        const one = last.then(() => check(taken, line))
        last = one.catch(() => undefined)
        checks.push(one)
      })
      rmSync(image)
      return Promise.all(checks)
    },
    close: () => shop.close(),
  }
}

/** A copy during which the image did not change: gb10 waits, but the kernel may still be writing. */
function settled(image: string, copy: (of: string) => string): string {
  for (;;) {
    const taken = copy(image)
    if (readFileSync(taken).equals(readFileSync(image))) return taken
    rmSync(taken)
  }
}

const calls = (lines: Line[]): number => {
  for (const line of lines)
    if (line.thrown || line.code) throw new Error(`without a loss of power: ${line.thrown ?? JSON.stringify(line)}`)
  return lines.findLast((line) => line.calls !== undefined)!.calls!
}

function said(child: ChildProcess, stopped: (line: Line) => void): Promise<Line[]> {
  const lines: Line[] = []
  createInterface({ input: child.stdout! }).on('line', (text) => {
    const line = JSON.parse(text) as Line
    lines.push(line)
    if (line.pause === undefined) return
    stopped(line)
    child.stdin!.write('\n')
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 120_000)
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', () => {
      clearTimeout(timer)
      done(lines)
    })
  })
}

async function bundled(shop: Workshop): Promise<string> {
  const bundle = await rolldown({
    input: { power: fileURLToPath(new URL('power-driver.ts', import.meta.url)) },
    platform: 'node',
    external: [/\/ui\//],
    logLevel: 'silent',
  })
  await bundle.write({ dir: `${shop.root}/power`, format: 'esm', entryFileNames: '[name].mjs' })
  await bundle.close()
  beside(`${shop.root}/power`)
  return `${shop.root}/power/power.mjs`
}

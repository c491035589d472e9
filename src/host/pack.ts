import { gzipSync } from 'node:zlib'

const BLOCK = 512

/**
 * A `.tar.gz` of plain files in one folder, as `untar` reads it back. Nothing of this machine is in it but the texts: no owner,
 * one time, mode 600.
 * Names may be long: what does not fit the old header goes into a pax record.
 */
export function pack(folder: string, files: ReadonlyMap<string, string>, seconds: number): Buffer {
  const parts: Buffer[] = [header(`${folder}/`, 0, seconds, '5')]
  for (const [name, text] of files) {
    const [path, bytes] = [`${folder}/${name}`, Buffer.from(text)]
    if (Buffer.byteLength(path) > 100) {
      const record = paxRecord(path)
      parts.push(header('pax', record.length, seconds, 'x'), padded(record))
    }
    parts.push(header(Buffer.from(path).subarray(0, 100).toString('latin1'), bytes.length, seconds, '0'), padded(bytes))
  }
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 9 })
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)])

function header(name: string, size: number, seconds: number, type: string): Buffer {
  const bytes = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, length: number): number =>
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  bytes.write(name, 0, 100, 'latin1')
  octal(type === '5' ? 0o700 : 0o600, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(seconds), 136, 12)
  bytes.write('        ', 148, 'latin1')
  bytes.write(type, 156, 'latin1')
  bytes.write('ustar\u000000', 257, 'latin1')
  bytes.write(
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  )
  return bytes
}

/** `LENGTH path=VALUE\n`, where LENGTH counts itself. */
function paxRecord(path: string): Buffer {
  const rest = Buffer.byteLength(` path=${path}\n`)
  let length = rest + String(rest).length
  if (String(length).length !== String(rest).length) length = rest + String(length).length
  return Buffer.from(`${length} path=${path}\n`)
}

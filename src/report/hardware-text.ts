import { bytesText } from '../model/units.ts'
import type { Hardware, Topology } from './hardware.ts'
import { plain } from './text.ts'

const or = (value: string | number | null | undefined): string =>
  value === null || value === undefined || value === '' ? 'not known' : plain(String(value))
/** A tool that gave no answer has not seen that there is no GPU. */
const SILENT = new Set(['timeout', 'hung'])
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)
const row = (...cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`

/** `specification.md`: the machine for people, the verdict and what it means first. */
export function specificationText(h: Hardware): string {
  const gpus = h.gpus.map(
    (g) =>
      `${or(g.name)} (compute capability ${or(g.computeCapability)}${g.memoryMiB === null ? '' : `, ${Math.round(g.memoryMiB / 1024)} GiB of its own`})`,
  )
  const memory = h.memory.totalKiB === null ? 'not known' : `${Math.round(h.memory.totalKiB / 1048576)} GiB`
  const kind =
    h.memory.unified === true ? ', shared by CPU and GPU' : h.memory.unified === false ? ', beside the memory of the GPU' : ''
  const os = [
    h.os.pretty ?? h.os.id,
    h.os.dgxOs === null ? null : `DGX OS ${h.os.dgxOs}`,
    h.os.l4t === null ? null : `L4T ${h.os.l4t}`,
  ].filter((one) => one !== null)
  const ports = h.network.rdmaPorts?.map(
    (p) =>
      `${p.device}/${p.port}${p.interface ? ` (${p.interface})` : ''} ${p.state ?? 'state not known'}${p.rateGbps === null ? '' : `, ${p.rateGbps} Gb/s`}`,
  )
  const rows: [string, string][] = [
    ['Product', `${or(h.machine.product)}${h.machine.vendor ? `, ${plain(h.machine.vendor)}` : ''}`],
    ['GPU', gpus.length > 0 ? gpus.join('; ') : SILENT.has(h.topology.status) ? 'not known' : 'none seen'],
    ['Memory', `${memory}${kind}`],
    [
      'CPU',
      `${h.cpu.models.length > 0 ? h.cpu.models.map(plain).join(' + ') : 'not known'}${h.cpu.logical === null ? '' : `, ${h.cpu.logical} threads`}, ${or(h.cpu.arch)}`,
    ],
    ['Network', ports ? ports.join('; ') : 'no RDMA port known'],
    [
      'Storage',
      h.storage
        .map(
          (s) =>
            `${s.mount}: ${bytesText(s.sizeBytes)}${s.availableBytes === null ? '' : `, ${bytesText(s.availableBytes)} free`}`,
        )
        .join('; ') || 'not known',
    ],
    ['System', os.length > 0 ? os.map((one) => plain(one ?? '')).join(', ') : 'not known'],
    ['Kernel', or(h.os.kernel)],
    ['Firmware', `${or(h.firmware.version)}${h.firmware.date ? ` of ${plain(h.firmware.date)}` : ''}; GPU ${or(h.firmware.gpu)}`],
    [
      'Driver',
      `${or(h.driver.version)}${h.driver.cuda ? `, supports CUDA ${plain(h.driver.cuda)}` : ''}${h.driver.flavour ? `, ${h.driver.flavour} kernel module` : ''}`,
    ],
    ['CUDA toolkit', h.toolkits.map((t) => `${t.version}${t.path ? ` in ${plain(t.path)}` : ''}`).join('; ') || 'none known'],
    ['Containers', `Docker ${or(h.containers.docker)}, NVIDIA Container Toolkit ${or(h.containers.toolkit)}`],
  ]
  const evidence = h.machine.evidence.map(
    ({ source, text }) => `- ${plain(text)} (${plain(source).replaceAll(/--query-gpu=\S+/g, '--query-gpu=...')})`,
  )
  return `# Hardware specification

**${h.machine.statement}**

${evidence.length > 0 ? evidence.join('\n') : '- no evidence either way'}

## What that means

${h.machine.means.map((text) => `- ${text}`).join('\n')}

## This machine

${row('Component', 'As read on this machine')}
| --- | --- |
${rows.map(([name, value]) => row(name, value)).join('\n')}
${
  h.checks.length === 0
    ? ''
    : `
## Against a DGX Spark

${row('Component', 'Expected', 'Read', 'Result')}
| --- | --- | --- | --- |
${h.checks.map((c) => row(c.component, c.expected, or(c.actual), c.status)).join('\n')}
`
}
## Topology

${h.topology.status === 'ok' ? 'As nvidia-smi prints it: topology.txt.' : `Not known (${h.topology.status}).`}

## Performance

Nothing was measured for this page. \`gb10 smoke\` proves that what is set up works; \`gb10 baseline save\` records memory bandwidth and clocks.

## To look again by hand

\`\`\`bash
${h.verify.join('\n')}
\`\`\`

Read ${h.at.slice(0, 16).replace('T', ' ')} UTC by gb10 ${h.gb10} with \`gb10 detect --hardware\`; run it again after a change of hardware, driver or firmware.
`
}

/** `topology.txt`: what nvidia-smi printed, or why there is nothing. */
export const topologyText = (topology: Topology): string =>
  topology.status === 'ok' && topology.text.trim() !== ''
    ? `$ nvidia-smi topo -m\n${topology.text.trimEnd()}\n`
    : `The topology is not known: nvidia-smi topo -m gave nothing (${topology.status}).\n`

import { readFileSync } from 'node:fs'
import { detect } from '../src/facts/detect.ts'
import { parseData } from '../src/facts/data.ts'
const data = parseData(readFileSync('checks/_gpus.yaml','utf8'))
for (const n of [2048, 4096, 8192]) for (const line of [' ', 'a', '|', ': ', 'NVRM: ', '(', 'CUDA Version: ', '1.']) for (const argv of [['nvidia-smi'], ['nvidia-smi', '-q'], ['lscpu'], ['dmesg'], ['modinfo', 'nvidia'], ['docker', 'version'], ['hostnamectl'], ['ls', '-l'], ['dmidecode']]) {
  const t = performance.now(); detect([{ argv, status:'ok', text: line.repeat(n/line.length), stderr:'', exitCode:0, excerpt:false, ms:0 }], data)
  const d = performance.now()-t; if (d > 50) console.log(n, JSON.stringify(line), argv.join(' '), Math.round(d))
}

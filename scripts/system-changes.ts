// Writes SYSTEM_CHANGES.md from recipes/. With --check it writes nothing and exits 1 when the file is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../src/catalog/load.ts'
import { systemChanges } from '../src/report/system-changes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}recipes`
const { recipes, tools } = loadCatalog({
  folder: 'recipes',
  names: readdirSync(folder),
  text: (name) => readFileSync(`${folder}/${name}`, 'utf8'),
})
const file = `${root}SYSTEM_CHANGES.md`
const text = systemChanges(recipes, tools)

if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('SYSTEM_CHANGES.md is stale. Run: node scripts/system-changes.ts\n')
  process.exitCode = 1
}

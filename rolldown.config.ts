import { readFileSync, readdirSync } from 'node:fs'
import { defineConfig } from 'rolldown'
import { loadProblems, withoutTests } from './src/catalog/problems.ts'

const checks = new URL('checks/', import.meta.url)

/** The catalogue of problems without its YAML, so that `doctor` in a package needs no parser. */
const catalogue = (): string => {
  const names = readdirSync(checks, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.yaml'))
  return JSON.stringify(withoutTests(loadProblems({ names, text: (name) => readFileSync(new URL(name, checks), 'utf8') })))
}

// One bundle for the npm package. Dynamic imports become files of their own, so Ink is read only by the commands that draw with it.
export default defineConfig({
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  // Ink asks for the devtools only in development; its import must not reach the bundle, where it could not be found.
  transform: { define: { 'process.env.DEV': '"false"', 'process.env.NODE_ENV': '"production"' } },
  resolve: { alias: { 'react-devtools-core': new URL('scripts/no-devtools.ts', import.meta.url).pathname } },
  plugins: [
    {
      name: 'checks',
      generateBundle() {
        this.emitFile({ type: 'asset', fileName: 'checks.json', source: catalogue() })
      },
    },
  ],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // Names stay, so a stack trace in a bug report can be read.
    minify: { mangle: false, compress: true, codegen: true },
  },
})

import { defineConfig } from 'rolldown'

// One bundle for the npm package. Dynamic imports become files of their own, so Ink is read only by the commands that draw with it.
export default defineConfig({
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  // Ink asks for the devtools only in development; its import must not reach the bundle, where it could not be found.
  transform: { define: { 'process.env.DEV': '"false"', 'process.env.NODE_ENV': '"production"' } },
  resolve: { alias: { 'react-devtools-core': new URL('scripts/no-devtools.ts', import.meta.url).pathname } },
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

import { defineConfig } from 'vitest/config'

// Tests that need root, a throw-away machine or the network. They take minutes; `npm test` does without them.
export default defineConfig({
  test: { include: ['test/**/*.e2e.ts'], exclude: ['node_modules/**'], testTimeout: 900_000, hookTimeout: 900_000, maxWorkers: 2 },
})

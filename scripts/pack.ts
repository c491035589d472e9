import { $ } from 'zx/core'

// npm builds nothing by itself where scripts are ignored, and an old bundle would be packed without a word: build first, then pack.
$.verbose = false
await $`npm run build`
const { stdout } = await $`npm pack --silent`
console.log(stdout.trim())

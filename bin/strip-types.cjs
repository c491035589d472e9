'use strict'
// A package made by a bare `npm pack` has no bundle, because npm skips `prepack` where scripts are ignored. Node does not run .ts
// below node_modules by itself, so this does it: slower than the bundle, but it works.
const { readFileSync } = require('node:fs')
const { registerHooks, stripTypeScriptTypes } = require('node:module')
const { fileURLToPath } = require('node:url')

// Node calls stripping experimental; the user can do nothing with that warning.
const emitWarning = process.emitWarning
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes('stripTypeScriptTypes')) emitWarning.call(process, warning, ...rest)
}

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
    return { format: 'module', shortCircuit: true, source: stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8')) }
  },
})

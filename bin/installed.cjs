'use strict'
// Are the packages of package-lock.json there? Exit 0: yes. `--dev` asks for the development tools too. Old syntax: any Node runs it.
var fs = require('fs')
var path = require('path')

var root = path.resolve(process.argv[2] || '.')
var dev = process.argv.indexOf('--dev') > 0

function read(file) {
  return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'))
}

// Optional packages are for other platforms, or a Node we may not need.
function wanted(entry) {
  return !entry.optional && !entry.devOptional && (dev || !entry.dev)
}

try {
  var packages = read('package-lock.json').packages
  Object.keys(packages).forEach(function (name) {
    if (name === '' || !wanted(packages[name])) return
    if (read(name + '/package.json').version !== packages[name].version) throw new Error(name)
  })
} catch {
  process.exit(1)
}

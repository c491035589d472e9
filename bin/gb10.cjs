#!/usr/bin/env node
'use strict'
// Old syntax on purpose: any Node must be able to load this file. One that is too old runs it again with the pinned one.
var fs = require('fs')
var path = require('path')
var root = path.dirname(__dirname)
var args = process.argv.slice(2)

var version = process.versions.node.split('.')
var major = Number(version[0])
var usable = major > 24 || (major === 24 && Number(version[1]) >= 12) // engines in package.json; a test compares

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version + '\n')
} else if (usable) {
  delete process.env.GB10_REEXEC
  // With both set Node ignores NO_COLOR, and says so on stderr. Here the refusal wins.
  if (process.env.NO_COLOR || process.env.GB10_NO_COLOR) delete process.env.FORCE_COLOR
  void start()
} else {
  startAgain()
}

function start() {
  keepCompiled()
  // npm never packs the lock file: where it is, this is a clone and the sources are what counts.
  if (!exists('package-lock.json') && exists('dist/main.js')) return import('../dist/main.js')
  if (__dirname.indexOf(path.sep + 'node_modules' + path.sep) >= 0) require('./strip-types.cjs')
  return import('../src/cli/main.ts')
}

function exists(file) {
  return fs.existsSync(path.join(root, file))
}

// Compiled code is kept in our own node_modules when that is this user's to write, and nowhere else.
// Root writes none into another user's tree, and runs none from there.
function keepCompiled() {
  try {
    var folder = path.join(root, 'node_modules')
    if (fs.statSync(folder).uid !== process.geteuid()) return
    fs.accessSync(folder, fs.constants.W_OK)
    require('module').enableCompileCache(path.join(folder, '.cache', 'gb10'))
  } catch {
    // No cache is only slower.
  }
}

function startAgain() {
  var pinned = null
  try {
    pinned = require.resolve('node-linux-' + process.arch + '/bin/node')
  } catch {
    // Reported below.
  }
  if (!pinned || process.env.GB10_REEXEC) {
    process.stderr.write(
      'gb10: needs Node.js 24.12 or newer, and this is ' + process.version + ' (' + process.execPath + ')\n' +
        '      The Node.js that comes with gb10 is not installed beside it.\n' +
        (exists('gb10') ? '      Next: run ' + path.join(root, 'gb10') + ' instead; it brings one\n' : '      Next: npm install -g --include=optional gb10-*.tgz, or install Node.js 24\n')
    )
    process.exit(69)
  }
  var env = Object.assign({}, process.env, { GB10_REEXEC: '1' })
  var child = require('child_process').spawn(pinned, [__filename].concat(args), { stdio: 'inherit', env: env })
  process.on('SIGINT', function () {}) // the terminal already sent it to the child
  process.on('SIGHUP', function () {
    child.kill('SIGHUP')
  })
  process.on('SIGTERM', function () {
    child.kill('SIGTERM')
  })
  child.on('error', function (error) {
    process.stderr.write('gb10: cannot run ' + pinned + ': ' + error.message + '\n      Next: npm ci\n')
    process.exit(69)
  })
  child.on('exit', function (code, signal) {
    if (!signal) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

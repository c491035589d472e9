import type { App } from '../../src/cli/app.ts'
import type { Machine } from '../../src/host/machine.ts'

/** What the commands of gb10 are given: everything of the command line but its terminal. */
export const appOn = (home: string, machine: () => Machine, show: (document: object) => void): App =>
  ({
    options: { json: true, quiet: true, plain: true, verbose: false, color: 'never', input: false, sources: {} },
    owner: {
      home,
      state: `${home}/.local/state/gb10`,
      data: `${home}/.local/share/gb10`,
      cache: `${home}/.cache/gb10`,
      config: `${home}/.config/gb10`,
    },
    signal: new AbortController().signal,
    machine: async () => machine(),
    show: (json: () => object) => show(json()),
    note: () => undefined,
  }) as unknown as App

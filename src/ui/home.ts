import { Box, render, Text } from 'ink'
import { createElement as h, type ReactElement } from 'react'
import type { Home, HomeRow } from '../report/home.ts'

const COLOUR: Record<HomeRow['tone'], string | undefined> = { good: 'green', warn: 'yellow', bad: 'red', plain: undefined }

/** A row: a label, and a text that wraps beside it. */
const row = ({ label, text, tone }: HomeRow, painted: boolean): ReactElement => {
  const colour = painted ? COLOUR[tone] : undefined
  return h(Box, { key: label },
    h(Box, { width: 10, flexShrink: 0 }, h(Text, { dimColor: painted }, label)),
    h(Text, colour === undefined ? {} : { color: colour }, text))
}

const step = ({ command, does }: Home['next'][number], width: number, painted: boolean): ReactElement =>
  h(Box, { key: command },
    h(Box, { width, flexShrink: 0 }, h(Text, { bold: painted }, command)),
    h(Text, {}, does))

/** The home screen; `null` while the machine is still being looked at. Unpainted it says the same. */
export function homeView(home: Home | null, painted: boolean): ReactElement {
  if (home === null) return h(Text, { dimColor: painted }, 'Looking at this machine ...')
  const width = Math.max(...home.next.map(({ command }) => command.length)) + 3
  return h(Box, { flexDirection: 'column', paddingTop: 1, paddingBottom: 1 },
    ...home.rows.map((one) => row(one, painted)),
    h(Box, { key: 'next', flexDirection: 'column', paddingTop: 1 }, ...home.next.map((one) => step(one, width, painted))))
}

/** Draws the home screen as soon as there is something to show. */
export async function showHome(stdout: NodeJS.WriteStream, home: Promise<Home>, painted: boolean): Promise<void> {
  const screen = render(homeView(null, painted), { stdout, exitOnCtrlC: false, patchConsole: false })
  try {
    screen.rerender(homeView(await home, painted))
  } finally {
    screen.unmount()
    await screen.waitUntilExit()
  }
}

import type { Status } from '../apply/status.ts'
import type { Detection } from '../model/machine.ts'
import { bytesText } from '../model/units.ts'
import { plain } from './text.ts'

/** One line of the home screen. `tone` repeats what the words say. */
export type HomeRow = { label: string; text: string; tone: 'good' | 'warn' | 'bad' | 'plain' }

/** What `gb10` alone shows: the machine, its health, what is set up, and the commands that come next. */
export type Home = { rows: HomeRow[]; next: { command: string; does: string }[] }

const VERDICT = { yes: 'an NVIDIA GB10', no: 'not an NVIDIA GB10', unknown: 'could not tell whether this is an NVIDIA GB10' }

/** The home screen as data. Pure; `problem` is why the ledger could not be looked at, if so. */
export function homeOf(detection: Detection, status: Status, problem: string | null): Home {
  const doctor = { command: 'gb10 doctor', does: 'what is wrong, and how to mend it' }
  const next = [...(detection.problems.length > 0 ? [doctor] : []), ...nextSteps(status, problem)]
  return { rows: [machineRow(detection), healthRow(detection), setUpRow(status, problem)], next }
}

function machineRow({ machine, gpus, arch, os }: Detection): HomeRow {
  const about = [machine.product, gpus[0]?.name, os.pretty, arch].filter((part) => part !== null && part !== undefined)
  const text = [VERDICT[machine.dgxSpark], ...new Set(about.map(plain))].join(', ')
  return { label: 'Machine', text, tone: machine.dgxSpark === 'yes' ? 'good' : 'warn' }
}

function healthRow({ problems }: Detection): HomeRow {
  if (problems.length === 0) return { label: 'Health', text: 'no problem seen at a first look', tone: 'good' }
  return { label: 'Health', text: `${problems.length} seen at a first look: ${problems.join(', ')}`, tone: 'bad' }
}

function setUpRow({ recipes, resume, atWork, ledgers }: Status, problem: string | null): HomeRow {
  const label = 'Set up'
  if (problem !== null) return { label, text: plain(problem), tone: 'bad' }
  if (ledgers.some(({ ok }) => !ok)) return { label, text: 'the ledger is damaged', tone: 'bad' }
  if (atWork !== null) return { label, text: `a run is at work: ${plain(atWork)}`, tone: 'plain' }
  if (resume !== null) return { label, text: `a run was stopped: ${plain(resume.command)}`, tone: 'warn' }
  if (recipes.length === 0) return { label, text: 'nothing yet', tone: 'plain' }
  const drift = recipes.filter((one) => one.drift.length > 0).length
  const text = recipes.map(({ name, bytes }) => `${name} (${bytesText(bytes)})`).join(', ')
  return { label, text: drift > 0 ? `${text}; changed since: ${drift}` : text, tone: drift > 0 ? 'warn' : 'good' }
}

function nextSteps({ recipes, resume, atWork, ledgers }: Status, problem: string | null): Home['next'] {
  const help = { command: 'gb10 --help', does: 'everything else' }
  const status = { command: 'gb10 status', does: 'what is set up, and what changed' }
  if (problem !== null || atWork !== null || ledgers.some(({ ok }) => !ok)) return [status, help]
  if (resume !== null) return [{ command: 'gb10 resume', does: 'go on with it' }, { command: `gb10 undo ${resume.run}`, does: 'take it back' }, help]
  if (recipes.length === 0) return [{ command: 'gb10 up', does: 'set up and prove a document and OCR stack; asks first' }, { command: 'gb10 recipes', does: 'what else there is' }, help]
  return [{ command: 'gb10 smoke', does: 'prove that it works' }, { command: `gb10 run ${recipes[0]!.name} -- python`, does: 'use it' }, status, help]
}

import type { Fact } from '../model/fact.ts'
import type { Detection } from '../model/machine.ts'
import type { PlanMachine } from '../model/plan.ts'
import { shownBy } from './profile.ts'

type Interpreter = { version: string; path: string; onPath: boolean }

/** What only the running machine tells: Node's name of the platform and the uv on PATH. For a recorded machine both are null. */
export type Live = Pick<PlanMachine, 'platform' | 'uv'>

/** What the planner needs, out of a detection. Pythons on PATH come before others of the same version. */
export function planMachine(detection: Detection, live: Live): PlanMachine {
  return {
    ...live,
    ...shownBy(detection),
    arch: detection.arch,
    pythons: pythonsOf(detection.facts),
    disks: disksOf(detection.facts),
  }
}

function pythonsOf(facts: Readonly<Record<string, Fact>>): PlanMachine['pythons'] {
  const found = known<Interpreter[]>(facts, 'python.interpreters')
  const sorted = found?.toSorted((one, other) => Number(other.onPath) - Number(one.onPath))
  return sorted?.map(({ path, version }) => ({ path, version })) ?? null
}

/** The file systems of `/` and of the home folder; null when neither was found out. */
function disksOf(facts: Readonly<Record<string, Fact>>): PlanMachine['disks'] {
  const disks = ['root', 'home'].flatMap((name) => {
    const mount = known<string>(facts, `disk.${name}.mount`)
    const freeBytes = known<number>(facts, `disk.${name}.availableBytes`)
    return mount === null || freeBytes === null ? [] : [{ mount, freeBytes }]
  })
  return disks.length === 0 ? null : disks.filter(({ mount }, index) => disks.findIndex((one) => one.mount === mount) === index)
}

function known<T>(facts: Readonly<Record<string, Fact>>, id: string): T | null {
  const fact = facts[id]
  return fact?.status === 'ok' ? (fact.value as T) : null
}

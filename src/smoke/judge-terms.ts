import type { SmokeData, SmokeDemand, SmokeResult } from '../model/smoke.ts'
import type { Observed } from './judge-observed.ts'

/** What the judge of one script says; the name and the time are added for all alike. */
export type Judgement = Omit<SmokeResult, 'name' | 'seconds'>

/** What is demanded, in words. */
export function demandText(demand: SmokeDemand): string {
  return demand.device === 'auto' ? 'the GPU, or the CPU where there is none' : demand.device
}

/** The command that gets the models into the folder this run looked in. */
export function getModels(observed: Observed, data: SmokeData): string {
  return data.getModels.replaceAll('{models}', observed.text('models', 'dir'))
}

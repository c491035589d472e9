import type { Fact } from '../model/fact.ts'
import type { Reading } from './reading.ts'
export const storageFacts = (_: readonly Reading[]): Record<string, Fact> => ({})

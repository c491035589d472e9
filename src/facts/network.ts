import type { Fact } from '../model/fact.ts'
import type { Reading } from './reading.ts'
export const networkFacts = (_: readonly Reading[]): Record<string, Fact> => ({})

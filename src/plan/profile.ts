import { coerce, gte } from 'semver'
import type { Detection } from '../model/machine.ts'
import type { PlanMachine } from '../model/plan.ts'
import type { Fit, Profile } from '../model/recipe.ts'

type Shown = Pick<PlanMachine, 'dgxSpark' | 'nvidiaGpu' | 'cuda'>

/**
 * What a detection shows of the machine's class. A GPU whose driver is missing or does not answer counts as "could not tell", not as
 * none.
 */
export function shownBy(detection: Pick<Detection, 'machine' | 'gpus' | 'driver' | 'facts'>): Shown {
  const { machine, gpus, driver, facts } = detection
  const seen = gpus.length > 0 || machine.dgxSpark === 'yes'
  const onBus = (facts['pci.gpus']?.value ?? []) as unknown[]
  const asked = driver.version !== null || driver.module !== null || onBus.length > 0
  return { dgxSpark: machine.dgxSpark, nvidiaGpu: seen ? true : asked ? null : false, cuda: driver.cuda }
}

/** What a machine lacks of a fit, in words; empty = it fits. */
export function lacks(fit: Fit, shown: Shown): string[] {
  const missing: string[] = []
  if (fit.dgxSpark === 'yes' && shown.dgxSpark !== 'yes') {
    missing.push(shown.dgxSpark === 'no' ? 'this is not a GB10' : 'nothing shows that this is a GB10')
  }
  if (fit.nvidiaGpu === true && shown.nvidiaGpu !== true) {
    missing.push(shown.nvidiaGpu === false ? 'no NVIDIA GPU was found' : 'no NVIDIA driver names a GPU')
  }
  if (fit.cudaAtLeast !== undefined && fit.cudaAtLeast !== null && !atLeast(shown.cuda, fit.cudaAtLeast)) {
    missing.push(
      shown.cuda === null ? `no driver for CUDA ${fit.cudaAtLeast} was found` : `the driver supports CUDA ${shown.cuda} only`,
    )
  }
  return missing
}

/** The first profile that fits, and why: the fitting one's own reason, and what ruled out those before it. */
export function chooseProfile(profiles: readonly Profile[], shown: Shown): { profile: Profile; why: string } | null {
  const ruledOut: string[] = []
  for (const profile of profiles) {
    const missing = lacks(profile.when, shown)
    if (missing.length === 0) {
      return { profile, why: ruledOut.length === 0 ? profile.why : `${profile.why} (${ruledOut.join('; ')})` }
    }
    ruledOut.push(`not ${profile.name}: ${missing.join(', ')}`)
  }
  return null
}

/**
 * Where what was set up without a profile must prove itself: what is meant for a GPU on a GPU, all else on the processor only where
 * nothing shows one. A driver that is down never makes the processor good enough.
 */
export const deviceFor = (fit: Fit, shown: Shown): 'cuda' | 'cpu' =>
  fit.nvidiaGpu === true || shown.nvidiaGpu !== false ? 'cuda' : 'cpu'

/** Compares dotted numbers: is `have` the same as or newer than `want`? False when `have` is not known. */
export function atLeast(have: string | null, want: string): boolean {
  const [a, b] = [coerce(have), coerce(want)]
  return a !== null && b !== null && gte(a, b)
}

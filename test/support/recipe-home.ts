import { mkdirSync, writeFileSync } from 'node:fs'
import { gb10, newHome, type Home } from './cli.ts'
import { wheel } from './wheel-index.ts'

/** The recipes of this repository that users set up. */
export const RECIPES = ['torch-cu130', 'docling', 'deepseek-ocr', 'nvcc-on-path']

/** A home, and what `gb10 apply` is told there. */
export type Place = Home & { args: string[] }

/** A home with something of its user's in it, and models and a toolkit that are theirs. */
export function furnished(recipe: string, url: string): Place {
  const { home, env } = newHome()
  writeFileSync(`${home}/.bashrc`, 'alias ll="ls -l"\n')
  mkdirSync(`${home}/models`)
  writeFileSync(`${home}/models/own`, 'theirs')
  const models = recipe === 'docling' || recipe === 'deepseek-ocr' ? ['--set', `models=${home}/models`] : []
  const sources = recipe === 'nvcc-on-path' ? [] : ['--source', `torch=${url}`, '--source', `pypi=${url}`]
  return { home, env, args: [recipe, ...sources, ...models] }
}

/** A tiny wheel for each package that a recipe pins, told by its plan; those of torch say that they are built for CUDA 13.0. */
export async function wheelsOf(recipe: string): Promise<ReturnType<typeof wheel>[]> {
  const { args, ...home } = furnished(recipe, 'http://127.0.0.1:9/simple')
  const plan = JSON.parse((await gb10(['plan', ...args, '--json'], home)).stdout) as {
    changes: { want: { kind: string; steps?: { packages: string[] }[] } }[]
  }
  const pinned = plan.changes.flatMap(({ want }) => want.steps ?? []).flatMap(({ packages }) => packages)
  return pinned
    .filter((one) => one.includes('=='))
    .map((one) => {
      const [name, version] = one.split('==') as [string, string]
      if (name !== 'torch' && name !== 'torchvision') return wheel(name, version)
      const built = `${version}+cu130`
      const cuda = name === 'torch' ? "cuda: Optional[str] = '13.0'\n" : ''
      return wheel(name, built, { 'version.py': `__version__ = '${built}'\n${cuda}` })
    })
}

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './root.ts'

/** The text of a file that comes with gb10, by its path in the project (recipes/…, checks/…, smoke/…). */
export const projectText = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8')

/** The names in a folder that comes with gb10. */
export const projectNames = (folder: string): string[] => readdirSync(join(projectRoot(), folder)).sort()

/** Where a file that comes with gb10 lies on this machine. */
export const projectPath = (path: string): string => join(projectRoot(), path)

/** gb10's own version. */
export const projectVersion = (): string => (JSON.parse(projectText('package.json')) as { version: string }).version

import { readFileSync, readdirSync } from 'node:fs'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'

const folder = new URL('../../schema/', import.meta.url)
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true })

export const schemaNames = readdirSync(folder).map((name) => name.replace(/\.json$/, ''))
const validators = new Map(schemaNames.map((name) => [name, ajv.compile(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')))]))

/** What a text violates: it must be one JSON document of the schema that its `command` names. Empty: nothing. */
export function violations(text: string, schema?: string): string[] {
  let document: { command?: string }
  try {
    document = JSON.parse(text) as { command?: string }
  } catch (error) {
    return [`not one JSON document: ${(error as Error).message}: ${text.slice(0, 200)}`]
  }
  const name = schema ?? document.command ?? ''
  const validate = validators.get(name)
  if (!validate) return [`there is no schema for the command ${JSON.stringify(name)}`]
  if (validate(document)) return []
  return validate.errors!.map((e: ErrorObject) => `${name}${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`)
}

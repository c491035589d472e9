/** What cuts secrets out of the last words of a tool. */
export async function secretsOut(): Promise<(text: string) => string> {
  const { parse } = await import('yaml')
  const { projectText } = await import('../host/project.ts')
  const { readRedactionData } = await import('../redact/data.ts')
  const { secretCutter } = await import('../redact/redactor.ts')
  return secretCutter(readRedactionData(parse(projectText('checks/_redaction.yaml'))))
}

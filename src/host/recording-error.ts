/** A recording (folder or bundle) that cannot be replayed: which file, and why. Ends in exit code 78. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly exitCode = 78
  readonly file: string
  readonly reason: string
  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`)
    this.file = file
    this.reason = reason
  }
}

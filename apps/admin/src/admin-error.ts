/** What the status of the program says. */
export const exitCodes = {
  done: 0,
  /** The server refused, or it did not work. */
  failed: 1,
  /** The command was not written as `--help` says, or a variable is wrong. */
  usage: 2,
  /** No Sotto answers. */
  unreachable: 3,
  /** Nobody said yes. */
  unconfirmed: 4,
} as const

/** A reason why a command did not do what it should, with words for the operator and the status to end with. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly exitCode: number
  /** A code of the server's list, or of one of the cases above. */
  readonly code: string

  constructor(kind: Exclude<keyof typeof exitCodes, 'done'>, message: string, code: string = kind) {
    super(message)
    this.exitCode = exitCodes[kind]
    this.code = code
  }
}

/** The exit statuses of the program. */
export const exitCodes = {
  done: 0,
  /** The server refused, or the command failed. */
  failed: 1,
  /** The command was not written as `--help` describes, or a variable is invalid. */
  usage: 2,
  /** No Sotto answers. */
  unreachable: 3,
  /** The question was not answered with yes. */
  unconfirmed: 4,
} as const

/** Why a command failed, in words for the operator, with the exit status. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly exitCode: number
  /** An error code of the server, or one of the statuses above. */
  readonly code: string

  constructor(kind: Exclude<keyof typeof exitCodes, 'done'>, message: string, code: string = kind) {
    super(message)
    this.exitCode = exitCodes[kind]
    this.code = code
  }
}

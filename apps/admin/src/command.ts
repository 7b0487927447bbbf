import type { LoggedDetails } from './admin-log.ts'
import type { Ask } from './ask-server.ts'

/** Whether an option takes a value. */
export type OptionKind = 'value' | 'flag'

/** The arguments and options after the name of a command. */
export interface Given {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | true | undefined>>
}

/** The tools that a command may use. */
export interface Tools {
  readonly ask: Ask
  readonly publicUrl: string | undefined
  readonly now: () => number
}

/** The result of a command. */
export interface Outcome {
  /** The output of `--json`, for programs. */
  readonly json: unknown
  /** The output for people. */
  readonly text: string
  /** Details for the log, in addition to those of the call. */
  readonly logged?: LoggedDetails
  /** The command was carried out, and its result is a failure. */
  readonly isFailure?: boolean
}

/** One command of `npm run admin`. */
export interface Command {
  readonly name: string
  /** The arguments as help shows them, after the name. */
  readonly usage: string
  readonly summary: string
  readonly options: Readonly<Record<string, OptionKind>>
  /** Parses the arguments and returns what to do. Throws AdminError if they are invalid. */
  prepare(given: Given): Prepared
}

/** A command that is ready to run. */
export interface Prepared {
  /** Asked before the command, if it cannot be undone. */
  readonly question?: string
  /** Details for the log. */
  readonly logged?: LoggedDetails
  run(tools: Tools): Promise<Outcome>
}

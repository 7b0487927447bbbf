import type { LoggedDetails } from './admin-log.ts'
import type { Ask } from './ask-server.ts'

/** How an option is written: with a value, or alone. */
export type OptionKind = 'value' | 'flag'

/** What somebody wrote behind the name of a command. */
export interface Given {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | true | undefined>>
}

/** What a command may use. */
export interface Tools {
  readonly ask: Ask
  readonly publicUrl: string | undefined
  readonly now: () => number
}

/** What came of a command. */
export interface Outcome {
  /** For programs: `--json` prints it. */
  readonly json: unknown
  /** For people. */
  readonly text: string
  /** For the log, besides what the command was called with. */
  readonly logged?: LoggedDetails
  /** It was carried out, and its result is a failure. */
  readonly isFailure?: boolean
}

/** One command of `npm run admin`. */
export interface Command {
  readonly name: string
  /** As help shows it, behind the name. */
  readonly usage: string
  readonly summary: string
  readonly options: Readonly<Record<string, OptionKind>>
  /** Reads what was given and says what there is to do. Throws AdminError for what is written wrong. */
  prepare(given: Given): Prepared
}

/** A command that can be carried out. */
export interface Prepared {
  /** What cannot be taken back is asked for first. */
  readonly question?: string
  /** What the log says of it. */
  readonly logged?: LoggedDetails
  run(tools: Tools): Promise<Outcome>
}

import type { Logger } from '../log.ts'

const CLOSE_WITHIN_MS = 10_000

/** A resource to close, with a name for the log. */
export interface Closable {
  readonly name: string
  close(): Promise<unknown>
}

/**
 * Closes `parts` in order at SIGTERM or SIGINT, then ends the process with status 0. A second
 * signal, or a close that takes longer than `withinMs`, ends it immediately with status 1.
 */
export function closeOnSignals(
  log: Logger,
  parts: readonly Closable[],
  withinMs = CLOSE_WITHIN_MS,
) {
  let isClosing = false

  async function close(signal: NodeJS.Signals) {
    if (isClosing) process.exit(1)
    isClosing = true
    log.info({ signal }, 'closing')
    setTimeout(() => process.exit(1), withinMs).unref()
    const failed = await closeInOrder(log, parts)
    process.exit(failed === 0 ? 0 : 1)
  }

  process.on('SIGTERM', close)
  process.on('SIGINT', close)
}

/** Closes `parts` in order, even if one fails. Returns the number of failures. */
export async function closeInOrder(log: Logger, parts: readonly Closable[]): Promise<number> {
  let failed = 0
  for (const part of parts) {
    try {
      await part.close()
    } catch (error) {
      failed += 1
      log.error({ err: error, part: part.name }, 'could not close')
    }
  }
  return failed
}

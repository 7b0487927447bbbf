import { setTimeout as sleep } from 'node:timers/promises'

/** How long a test waits for a condition: long enough that only a hang takes longer, even on a busy machine. */
export const PATIENCE_MS = 300_000

/** Polls `read` until its value is neither undefined nor false; throws on timeout. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${what}`)
    await sleep(4)
  }
}

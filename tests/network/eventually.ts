import { setTimeout as sleep } from 'node:timers/promises'

/** How long a test waits for what has to come: so long that only what hangs takes longer, on a busy machine too. */
export const PATIENCE_MS = 300_000

/** The first value of `read` that is neither undefined nor false; throws when none comes. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await sleep(4)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'

/** The first value of `read` that is neither undefined nor false; throws when none comes in time. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await sleep(4)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '../network/eventually.ts'

/** One-time codes that a Sotto in development prints to its terminal. */
export class PrintedCodes {
  readonly #printed: () => string
  readonly #taken = new Map<string, number>()

  /** `printed` returns all output so far. */
  constructor(printed: () => string) {
    this.#printed = printed
  }

  /** The next code for a number or address. Each is returned once. */
  async next(contact: string): Promise<string> {
    const taken = this.#taken.get(contact) ?? 0
    const deadline = Date.now() + PATIENCE_MS
    while (Date.now() < deadline) {
      const lines = this.#printed()
        .split('\n')
        .filter((line) => line.includes(`for ${contact}`))
      const code = lines
        .slice(taken)
        .at(-1)
        ?.match(/\b(\d{6})\b\s*$/)?.[1]
      if (code !== undefined) {
        this.#taken.set(contact, lines.length)
        return code
      }
      await sleep(20)
    }
    throw new Error(`No code was printed for ${contact}`)
  }
}

import type { Wrap } from '@sotto/wire'

const MAX_SEEN = 64

/** Wraps that the server has shown since the program started: one that was overwritten may be the valid one. */
export class SeenWraps {
  readonly #wraps = new Map<string, Wrap>()

  add(wraps: readonly Wrap[]): void {
    for (const wrap of wraps) {
      const key = `${wrap.kind} ${wrap.ciphertext}`
      // Keeps the latest at the end.
      this.#wraps.delete(key)
      this.#wraps.set(key, wrap)
    }
    const tooMany = [...this.#wraps.keys()].slice(0, -MAX_SEEN)
    for (const key of tooMany) this.#wraps.delete(key)
  }

  all(): Wrap[] {
    return [...this.#wraps.values()]
  }
}

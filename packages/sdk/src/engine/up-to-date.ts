/** Whether this device has what the server has for it: an open socket alone does not say so. */
export class UpToDate {
  readonly #changed: () => void
  #is = false
  #turn = 0

  constructor(changed: () => void) {
    this.#changed = changed
  }

  get is(): boolean {
    return this.#is
  }

  /** From here on something may be missing; what was begun before does not count. */
  lost(): void {
    this.#turn += 1
    this.#set(false)
  }

  /** Reads everything that is missing. */
  async by(catchUp: () => Promise<void>): Promise<void> {
    const turn = this.#turn
    try {
      await catchUp()
    } catch (error) {
      this.#set(false)
      throw error
    }
    if (turn === this.#turn) this.#set(true)
  }

  #set(is: boolean): void {
    if (is === this.#is) return
    this.#is = is
    this.#changed()
  }
}

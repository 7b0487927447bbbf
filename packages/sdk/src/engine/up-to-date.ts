/** Whether this device has everything that the server has for it. An open socket alone doesn't say so. */
export class UpToDate {
  readonly #onChange: () => void
  #is = false
  #turn = 0

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get is(): boolean {
    return this.#is
  }

  /** From now on something may be missing; a catch-up that began earlier doesn't count. */
  lost(): void {
    this.#turn += 1
    this.#set(false)
  }

  /** Runs `catchUp`, which reads everything that is missing. */
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
    this.#onChange()
  }
}

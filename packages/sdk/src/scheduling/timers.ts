/** Timers of something that is closed: they end with it. */
export class Timers {
  readonly #running = new Set<ReturnType<typeof setTimeout>>()

  after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#running.delete(timer)
      act()
    }, ms)
    this.#running.add(timer)
  }

  clear(): void {
    for (const timer of this.#running) clearTimeout(timer)
    this.#running.clear()
  }
}

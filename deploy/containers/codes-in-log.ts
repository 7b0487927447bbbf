import { eventuallyShown, partOf } from './containers.ts'
import type { Installation } from './installation.ts'

/** Reads one-time codes where a trial prints them: in the log of auth. */
export class CodesInLog {
  /** The installation whose log is read. */
  installation: Installation
  /**
   * How many lines were consumed, by container and address, because another container starts
   * another log.
   */
  readonly #taken = new Map<string, number>()

  constructor(installation: Installation) {
    this.installation = installation
  }

  /** The next code for a number or address. Each is returned once. */
  async next(address: string): Promise<string> {
    return eventuallyShown(`a code for ${address}`, async () => {
      const { Id } = await partOf(this.installation.project, 'auth')
      const log = await this.installation.type('docker compose -f deploy/compose.yaml logs auth')
      const lines = log.split('\n').filter((line) => line.includes(`Code for ${address}: `))
      const key = `${Id} ${address}`
      if (lines.length === (this.#taken.get(key) ?? 0)) return undefined
      this.#taken.set(key, lines.length)
      return /(\d{6})\s*$/.exec(lines.at(-1) ?? '')?.[1]
    })
  }
}

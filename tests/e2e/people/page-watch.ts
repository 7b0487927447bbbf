import type { ConsoleMessage, Page } from '@playwright/test'
import type { ServerProcess } from '../../programs/server-process.ts'

/** Sotto as people in browsers meet it, whatever it runs on. */
export type Server = Pick<ServerProcess, 'origin' | 'wasAway' | 'start' | 'stop' | 'codeFor'>

/** The statuses that a web server in front returns when Sotto doesn't answer. */
const AWAY_STATUSES = [502, 503, 504]

/** Something that a page of Sotto must never do. */
export interface Trouble {
  readonly kind: 'console' | 'page error' | 'refusal' | 'dialog' | 'foreign request'
  readonly text: string
}

/** A status of refusals, or a kind of trouble. */
export type Forgivable = number | Trouble['kind']

/** The records of a browser profile, shared by its pages. */
export interface ProfileRecords {
  readonly troubles: Trouble[]
  /** Every request body and frame, as the network saw it. */
  readonly traffic: string[]
}

/** Records a page's network traffic, and everything that goes wrong in it. */
export class PageWatch {
  readonly records: ProfileRecords
  readonly #server: Server
  readonly #forgiven: Forgivable[] = []

  constructor(page: Page, server: Server, records: ProfileRecords = { troubles: [], traffic: [] }) {
    this.#server = server
    this.records = records
    this.#watch(page)
  }

  /**
   * Allows refusals with this status, or troubles of these kinds, both so far and for the rest of the test. The browser
   * reports some of them late.
   */
  forgive(...expected: Forgivable[]): void {
    this.#forgiven.push(...expected)
    const kept = this.records.troubles.filter((trouble) => !this.#isForgiven(trouble))
    this.records.troubles.splice(0, Number.POSITIVE_INFINITY, ...kept)
  }

  #isForgiven({ kind, text }: Trouble): boolean {
    return this.#forgiven.some((expected) => {
      if (typeof expected === 'string') return kind === expected
      if (kind === 'refusal') return text.startsWith(`${expected} `)
      return kind === 'console' && text.includes(`status of ${expected}`)
    })
  }

  #note(trouble: Trouble): void {
    if (!this.#isForgiven(trouble)) this.records.troubles.push(trouble)
  }

  /** Whether a message only reports that a stopped server doesn't answer, which browsers log by themselves. */
  #tellsOfAbsence(message: ConsoleMessage): boolean {
    const isOfNetwork = /net::ERR_|(?:status of|response code:) 50[234]/.test(message.text())
    return isOfNetwork && this.#server.wasAway(message.timestamp())
  }

  #watch(page: Page): void {
    page.on('console', (message) => {
      if (this.#tellsOfAbsence(message)) return
      if (['error', 'warning'].includes(message.type())) {
        this.#note({ kind: 'console', text: message.text() })
      }
    })
    page.on('pageerror', (error) => {
      this.#note({ kind: 'page error', text: String(error) })
    })
    page.on('dialog', (dialog) => {
      this.#note({ kind: 'dialog', text: dialog.message() })
      void dialog.dismiss()
    })
    page.on('response', (response) => {
      const isAway = AWAY_STATUSES.includes(response.status())
      if (isAway && this.#server.wasAway(response.request().timing().startTime)) return
      if (response.status() >= 400) {
        this.#note({ kind: 'refusal', text: `${response.status()} ${response.url()}` })
      }
    })
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== this.#server.origin) {
        this.#note({ kind: 'foreign request', text: request.url() })
      }
      this.records.traffic.push(`${request.method()} ${request.url()}\n${request.postData() ?? ''}`)
    })
    page.on('websocket', (socket) => {
      this.records.traffic.push(socket.url())
      socket.on('framesent', ({ payload }) => this.records.traffic.push(String(payload)))
      socket.on('framereceived', ({ payload }) => this.records.traffic.push(String(payload)))
    })
  }
}

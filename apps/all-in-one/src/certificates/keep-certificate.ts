import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@sotto/service-runtime'
import { AcmeProblem } from './acme-problem.ts'
import type { Certificate } from './certificate-files.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** How often the clock is checked, so that a machine notices in time after it was suspended. */
const LOOK_EVERY_MS = HOUR_MS
/**
 * Pauses after failures, in minutes. Let's Encrypt allows five failures per hour and name, so an hour can't contain
 * more than the first five attempts.
 */
const PAUSES = [1, 5, 15, 30, 60, 120, 240, 360]

/** When a new certificate is requested: when a third of the lifetime is left. */
export const renewalTimeOf = ({ notBefore, notAfter }: Certificate) =>
  notAfter - (notAfter - notBefore) / 3

/** Whether it should have been renewed long ago: a sixth of its lifetime or less is left. */
export const isOverdue = ({ notBefore, notAfter }: Certificate, now = Date.now()) =>
  now > notAfter - (notAfter - notBefore) / 6

/** How long to wait after the nth consecutive failure; at least as long as the authority asks. */
export function pauseAfter(failures: number, error: unknown): number {
  const minutes = PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 0
  const wanted = error instanceof AcmeProblem ? error.retryAfterSeconds * 1000 : 0
  return Math.max(minutes * MINUTE_MS, wanted)
}

type Listener = (certificate: Certificate) => void | Promise<void>

/** A certificate that is renewed while Sotto runs. */
export interface KeptCertificate {
  /** Resolves with a valid certificate; rejects if `close` is called before there is one. */
  readonly first: Promise<Certificate>
  /** The newest certificate, if there is one. */
  current(): Certificate | undefined
  /** Calls the listener with each new certificate after the first. */
  onRenewed(listener: Listener): void
  /** Aborts a running order. */
  close(): void
}

export interface Keeping {
  /** Reads the stored certificate, if there is one. */
  readonly read: () => Promise<Certificate | undefined>
  /** Obtains a new certificate and stores it. */
  readonly order: () => Promise<Certificate>
  readonly explain: (error: unknown) => string
  readonly log: Logger
  /** Prints a line for the operator. */
  readonly print: (line: string) => void
}

/**
 * Keeps a certificate valid: requests one if there is none, and renews it in time, with pauses
 * after failures.
 */
export function keepCertificate(keeping: Keeping): KeptCertificate {
  const { read, order, log } = keeping
  const stopping = new AbortController()
  const { signal } = stopping
  const holder = holdCertificate(log)

  async function renew(): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const certificate = await order()
        if (signal.aborted) return
        holder.use(certificate)
        refuseDue(certificate)
        log.info({ notAfter: new Date(certificate.notAfter) }, 'obtained a new certificate')
        return
      } catch (error) {
        if (signal.aborted) return
        const pauseMs = pauseAfter(failures, error)
        tell(keeping, error, pauseMs)
        await sleep(pauseMs, undefined, { signal })
      }
    }
  }

  async function keep(): Promise<void> {
    const kept = await read()
    if (kept && kept.notAfter > Date.now()) holder.use(kept)
    while (!signal.aborted) {
      const current = holder.current()
      const wait = current ? renewalTimeOf(current) - Date.now() : 0
      if (wait <= 0) await renew()
      else await sleep(Math.min(wait, LOOK_EVERY_MS), undefined, { signal })
    }
  }

  keep().catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'certificate renewal has stopped')
    holder.giveUp(error)
  })

  const { first, current, onRenewed } = holder
  return {
    first,
    current,
    onRenewed,
    close() {
      stopping.abort()
      holder.giveUp(signal.reason)
    },
  }
}

/** The newest certificate, and its listeners. */
function holdCertificate(log: Logger) {
  const listeners: Listener[] = []
  const first = Promise.withResolvers<Certificate>()
  // There may be no waiter.
  first.promise.catch(() => undefined)
  let current: Certificate | undefined

  return {
    first: first.promise,
    current: () => current,
    onRenewed: (listener: Listener) => void listeners.push(listener),
    giveUp: first.reject,
    use(certificate: Certificate) {
      current = certificate
      first.resolve(certificate)
      for (const listener of listeners) {
        // A failing listener is no reason to request another certificate.
        Promise.resolve(certificate)
          .then(listener)
          .catch((error: unknown) =>
            log.error({ err: error }, 'the new certificate could not be applied'),
          )
      }
    },
  }
}

function tell({ explain, log, print }: Keeping, error: unknown, pauseMs: number): void {
  const why = explain(error)
  log.error({ err: error, why }, 'could not obtain a certificate')
  print(`There is no new certificate yet. ${why}`)
  print(`The next attempt is in ${inWords(pauseMs)}, or at the next start.`)
}

/**
 * Otherwise, it would be requested again immediately and forever, because our clock or the
 * authority's is wrong.
 */
function refuseDue(certificate: Certificate): void {
  if (renewalTimeOf(certificate) > Date.now()) return
  const ends = new Date(certificate.notAfter).toISOString()
  throw new AcmeProblem('clock', `the new certificate is valid until ${ends}`)
}

function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / MINUTE_MS)
  if (minutes >= 120) return `${Math.ceil(minutes / 60)} hours`
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@sotto/service-runtime'
import { AcmeProblem } from './acme-problem.ts'
import type { Certificate } from './certificate-files.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** So often the clock is looked at: a machine that slept finds out in time. */
const LOOK_EVERY_MS = HOUR_MS
/**
 * Pauses after a failure, minutes. Let's Encrypt counts five failures an hour and name, so the first ones are
 * all that one hour may have.
 */
const PAUSES = [1, 5, 15, 30, 60, 120, 240, 360]

/** From when on a new one is asked for: when a third of its time is left. */
export const renewalTimeOf = ({ notBefore, notAfter }: Certificate) =>
  notAfter - (notAfter - notBefore) / 3

/** Whether it should have been renewed long ago: a sixth of its time is left, or less. */
export const isOverdue = ({ notBefore, notAfter }: Certificate, now = Date.now()) =>
  now > notAfter - (notAfter - notBefore) / 6

/** How long to wait after the nth failure in a row, and as long as the authority says. */
export function pauseAfter(failures: number, error: unknown): number {
  const minutes = PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 0
  const wanted = error instanceof AcmeProblem ? error.retryAfterSeconds * 1000 : 0
  return Math.max(minutes * MINUTE_MS, wanted)
}

type Listener = (certificate: Certificate) => void | Promise<void>

/** A certificate that is renewed while Sotto runs. */
export interface KeptCertificate {
  /** Resolves with one that is valid; rejects when `close` is called before there is one. */
  readonly first: Promise<Certificate>
  /** The newest one, if there is any. */
  current(): Certificate | undefined
  /** Is told of each new one after the first. */
  onRenewed(listener: Listener): void
  /** An order under way is given up. */
  close(): void
}

export interface Keeping {
  /** What was kept, if anything. */
  readonly read: () => Promise<Certificate | undefined>
  /** Gets a new one and keeps it. */
  readonly order: () => Promise<Certificate>
  readonly explain: (error: unknown) => string
  readonly log: Logger
  /** Tells whoever watches. */
  readonly print: (line: string) => void
}

/** Keeps a certificate for ever: asks for one when there is none, and again in time, with pauses after failures. */
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
        holder.take(certificate)
        refuseDue(certificate)
        log.info({ notAfter: new Date(certificate.notAfter) }, 'a new certificate')
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
    if (kept && kept.notAfter > Date.now()) holder.take(kept)
    while (!signal.aborted) {
      const current = holder.current()
      const wait = current ? renewalTimeOf(current) - Date.now() : 0
      if (wait <= 0) await renew()
      else await sleep(Math.min(wait, LOOK_EVERY_MS), undefined, { signal })
    }
  }

  keep().catch((error: unknown) => {
    if (!signal.aborted) log.error({ err: error }, 'the certificate is not renewed any more')
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

/** The newest certificate, and who wants to know of it. */
function holdCertificate(log: Logger) {
  const listeners: Listener[] = []
  const first = Promise.withResolvers<Certificate>()
  // Nobody need wait for it.
  first.promise.catch(() => undefined)
  let current: Certificate | undefined

  return {
    first: first.promise,
    current: () => current,
    onRenewed: (listener: Listener) => void listeners.push(listener),
    giveUp: first.reject,
    take(certificate: Certificate) {
      current = certificate
      first.resolve(certificate)
      for (const listener of listeners) {
        // What somebody makes of it is no reason to ask for another one.
        Promise.resolve(certificate)
          .then(listener)
          .catch((error: unknown) => log.error({ err: error }, 'a new certificate is not used'))
      }
    },
  }
}

function tell({ explain, log, print }: Keeping, error: unknown, pauseMs: number): void {
  const why = explain(error)
  log.error({ err: error, why }, 'no new certificate')
  print(`There is no new certificate yet. ${why}`)
  print(`The next try is in ${inWords(pauseMs)}, or at the next start.`)
}

/** Would be asked for again at once, and for ever: a clock that is wrong, ours or the authority's. */
function refuseDue(certificate: Certificate): void {
  if (renewalTimeOf(certificate) > Date.now()) return
  const ends = new Date(certificate.notAfter).toISOString()
  throw new AcmeProblem('clock', `the new one is valid until ${ends}`)
}

function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / MINUTE_MS)
  if (minutes >= 120) return `${Math.ceil(minutes / 60)} hours`
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}

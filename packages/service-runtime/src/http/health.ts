import { HEALTH_HEADER } from '@sotto/wire'
import { z } from 'zod'
import type { App } from './app.ts'
import { setApiHeaders } from './security-headers.ts'

const CHECK_WITHIN_MS = 2_000
/** The minimum interval between two runs of the checks, however many clients ask. */
const KEEP_MS = 1_000

/** The state of one part of the process. */
export const PartHealth = z.strictObject({
  status: z.enum(['ok', 'degraded']),
  /** A short explanation for the operator. */
  detail: z.string().max(200).optional(),
})
export type PartHealth = z.infer<typeof PartHealth>

/** The answer of `GET /health`: 200 if every part is ok, otherwise 503. */
export const Health = z.strictObject({
  status: z.enum(['ok', 'degraded']),
  parts: z.record(z.string().max(64), PartHealth),
})
export type Health = z.infer<typeof Health>

/** Named checks. A check that throws or takes longer than two seconds counts as degraded. */
export interface HealthChecks {
  add(name: string, check: () => Promise<PartHealth>): void
  read(): Promise<Health>
}

export function createHealthChecks(keepMs = KEEP_MS): HealthChecks {
  const checks = new Map<string, () => Promise<PartHealth>>()
  let kept: Promise<Health> | undefined

  async function runChecks(): Promise<Health> {
    const entries = [...checks].map(async ([name, check]) => [name, await within(check)] as const)
    const parts = Object.fromEntries(await Promise.all(entries))
    const isOk = Object.values(parts).every(({ status }) => status === 'ok')
    return { status: isOk ? 'ok' : 'degraded', parts }
  }

  return {
    add: (name, check) => void checks.set(name, check),
    read() {
      kept ??= runChecks().finally(() => {
        setTimeout(() => {
          kept = undefined
        }, keepMs).unref()
      })
      return kept
    },
  }
}

async function within(check: () => Promise<PartHealth>): Promise<PartHealth> {
  const { promise: tooLate, resolve } = Promise.withResolvers<PartHealth>()
  const timer = setTimeout(resolve, CHECK_WITHIN_MS, { status: 'degraded', detail: 'no answer' })
  const answer = check().catch((): PartHealth => ({ status: 'degraded', detail: 'failed' }))
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}

const degradedParts = ({ parts }: Health) =>
  Object.keys(parts).filter((name) => parts[name]?.status === 'degraded')

/** Registers `GET /health`. */
export function healthRoute(app: App, checks: HealthChecks) {
  app.get('/health', { schema: { response: { 200: Health, 503: Health } } }, async (_, reply) => {
    const health = await checks.read()
    setApiHeaders(reply)
    reply.header(HEALTH_HEADER, degradedParts(health).join(',') || 'ok')
    return reply.code(health.status === 'ok' ? 200 : 503).send(health)
  })
}

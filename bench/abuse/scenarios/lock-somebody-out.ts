import { attempt, repeat } from '../attempt.ts'
import { addressIn } from '../networks.ts'
import type { Scenario } from '../scenario.ts'

const PHONE = '+4915123000001'
const HOME = '203.0.113.7'
const ELSEWHERE = '192.0.2.7'
/** Codes that may be requested for a number per day, docs/limits.md. */
const ALLOWED = 20

const start = { method: 'POST', path: '/auth/phone/start', body: { phone: PHONE } } as const

/** Strangers in many networks request codes for a person's number, and try to guess them. */
export const scenario: Scenario = {
  environment: { TRUSTED_PROXIES: '127.0.0.1' },
  async run(server, { seconds }) {
    const { origin } = server
    const verify = (from: string, challengeId: string, code: string) =>
      attempt(origin, {
        method: 'POST',
        path: '/auth/phone/verify',
        from,
        body: {
          challengeId,
          code,
          device: { deviceId: crypto.randomUUID(), refreshIn: 'body' },
        },
      })
    const first = await attempt(origin, { ...start, from: HOME })
    await verify(HOME, challengeOf(first.body), await server.codeFor(PHONE))

    const { done } = await repeat(seconds, async (n) => {
      const from = addressIn(n)
      const outcome = await attempt(origin, { ...start, from })
      if (outcome.status === 200) await verify(from, challengeOf(outcome.body), '000000')
      return outcome
    })

    const atHome = await attempt(origin, { ...start, from: HOME })
    const elsewhere = await attempt(origin, { ...start, from: ELSEWHERE })
    return [
      { what: 'codes sent for strangers', value: done, unit: '', atMost: ALLOWED },
      {
        what: 'the owner waits, in a network where they have logged in',
        value: atHome.retryAfterSeconds,
        unit: 's',
        atMost: 0,
      },
      {
        what: 'the owner waits, elsewhere on a new device',
        value: elsewhere.retryAfterSeconds,
        unit: 's',
      },
    ]
  },
}

const challengeOf = (body: unknown) => (body as { challengeId: string }).challengeId

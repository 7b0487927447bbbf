import { attempt, repeat } from '../attempt.ts'
import { addressIn } from '../networks.ts'
import type { Scenario } from '../scenario.ts'

/** SMS to strangers per hour, docs/limits.md. */
const ALLOWED = 200
/** Numbers that may be expensive: premium rate, satellite, personal. */
const DEAR = ['+49900123456', '+881612345678', '+447012345678']

/** Strangers in many networks request codes for unused numbers. */
export const scenario: Scenario = {
  environment: { TRUSTED_PROXIES: '127.0.0.1' },
  async run(server, { seconds }) {
    const ask = (phone: string, n: number) =>
      attempt(server.origin, {
        method: 'POST',
        path: '/auth/phone/start',
        from: addressIn(n),
        body: { phone },
      })
    const dear = await Promise.all(DEAR.map(ask))
    const { done, refused } = await repeat(seconds, (n) =>
      ask(`+4915129${String(n).padStart(6, '0')}`, n),
    )
    return [
      {
        what: 'codes sent to numbers that may be expensive',
        value: dear.filter(({ status }) => status === 200).length,
        unit: '',
        atMost: 0,
      },
      { what: 'codes sent by SMS', value: done, unit: '', atMost: ALLOWED },
      { what: 'refused', value: refused, unit: '' },
    ]
  },
}

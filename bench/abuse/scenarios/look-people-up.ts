import { signUpMany } from '../../load/accounts.ts'
import { attempt, repeat } from '../attempt.ts'
import type { Scenario } from '../scenario.ts'

const ACCOUNTS = 8
/** Look-ups of a young account in ten minutes, docs/limits.md. */
const ALLOWED = 10

/** New accounts try one phone number after the other. */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const accounts = await signUpMany(server, ACCOUNTS)
    let answered = 0
    const { perSecond } = await repeat(seconds, async (n) => {
      const { token } = accounts[n % ACCOUNTS] ?? accounts[0] ?? { token: '' }
      const body = { phone: `+4915129${String(n).padStart(6, '0')}` }
      const path = '/auth/lookup'
      const outcome = await attempt(server.origin, { method: 'POST', path, token, body })
      // Learning that no one has the number is an answer, too.
      const isAnswered = outcome.status === 200 || outcome.code === 'account_not_found'
      if (isAnswered) answered += 1
      return isAnswered ? { ...outcome, status: 200 } : outcome
    })
    return [
      {
        what: `look-ups answered to ${ACCOUNTS} new accounts`,
        value: answered,
        unit: '',
        atMost: ACCOUNTS * ALLOWED,
      },
      { what: 'look-ups answered in a second', value: perSecond, unit: '' },
    ]
  },
}

import { createHash, randomBytes } from 'node:crypto'
import { createKeys, signRecord } from '../../../tests/services/signed-statements.ts'
import { logIn } from '../../load/accounts.ts'
import { attempt, repeat } from '../attempt.ts'
import type { Scenario } from '../scenario.ts'

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const PICTURE_BYTES = 64 * 1024
/** Pictures in a day, docs/limits.md. */
const ALLOWED = 20

/** An account changes its picture as fast as it is let; each contact has to read every one. */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const { origin } = server
    const { accountId, token } = await logIn(server)
    const keys = createKeys(accountId)
    const { done, perSecond } = await repeat(seconds, (n) => {
      const picture = Buffer.concat([PNG, randomBytes(PICTURE_BYTES - PNG.length)])
      const pictureSha256 = createHash('sha256').update(picture).digest('base64url')
      const record = signRecord(keys, 'Mallory', { version: n + 1, pictureSha256 })
      const body = { record, picture: picture.toString('base64url') }
      return attempt(origin, { method: 'PUT', path: '/users', token, body })
    })
    const { bytes } = await attempt(origin, { method: 'GET', path: `/users/${accountId}`, token })
    return [
      { what: 'pictures taken', value: done, unit: '', atMost: ALLOWED },
      { what: 'pictures taken in a second', value: perSecond, unit: '' },
      { what: 'each contact reads', value: done * bytes, unit: 'bytes', atMost: ALLOWED * 95_000 },
    ]
  },
}

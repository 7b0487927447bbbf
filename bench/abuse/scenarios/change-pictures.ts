import { createHash, randomBytes } from 'node:crypto'
import { makePng, pngChunk } from '../../../tests/services/made-pictures.ts'
import { createKeys, signRecord } from '../../../tests/services/signed-statements.ts'
import { logIn } from '../../load/accounts.ts'
import { attempt, repeat } from '../attempt.ts'
import type { Scenario } from '../scenario.ts'

const BESIDE_BYTES = 60_000
/** Pictures per day, docs/limits.md. */
const ALLOWED = 20

/** An account changes its picture as often as possible; each contact has to read every one. */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const { origin } = server
    const { accountId, token } = await logIn(server)
    const keys = createKeys(accountId)
    const { done, perSecond } = await repeat(seconds, (n) => {
      const size = { width: 256, height: 256 }
      const picture = Buffer.from(makePng(size, pngChunk('tEXt', randomBytes(BESIDE_BYTES))))
      const pictureSha256 = createHash('sha256').update(picture).digest('base64url')
      const record = signRecord(keys, 'Mallory', { version: n + 1, pictureSha256 })
      const body = { record, picture: picture.toString('base64url') }
      return attempt(origin, { method: 'PUT', path: '/users', token, body })
    })
    const { bytes } = await attempt(origin, { method: 'GET', path: '/users/me', token })
    return [
      { what: 'pictures taken', value: done, unit: '', atMost: ALLOWED },
      { what: 'pictures taken in a second', value: perSecond, unit: '' },
      { what: 'each contact reads', value: done * bytes, unit: 'bytes', atMost: ALLOWED * 95_000 },
    ]
  },
}

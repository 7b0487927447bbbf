import { createHash } from 'node:crypto'
import {
  makeJpeg,
  makePictureBomb,
  makePng,
  makeWebp,
  vp8,
} from '../../../tests/services/made-pictures.ts'
import { createKeys, signRecord } from '../../../tests/services/signed-statements.ts'
import { logIn } from '../../load/accounts.ts'
import { attempt } from '../attempt.ts'
import type { Scenario } from '../scenario.ts'

const SIDE = 16_000
const LARGE = { width: SIDE, height: SIDE }

/** Small files that decode to pictures of gigabytes where they are displayed. */
export const scenario: Scenario = {
  async run(server) {
    const { origin } = server
    const { accountId, token } = await logIn(server)
    const keys = createKeys(accountId)
    const bombs = [makePictureBomb(), makePng(LARGE), makeJpeg(LARGE), makeWebp(vp8(LARGE))].map(
      (bytes) => Buffer.from(bytes),
    )
    let taken = 0
    for (const [n, picture] of bombs.entries()) {
      const pictureSha256 = createHash('sha256').update(picture).digest('base64url')
      const record = signRecord(keys, 'Mallory', { version: n + 1, pictureSha256 })
      const body = { record, picture: picture.toString('base64url') }
      const { status } = await attempt(origin, { method: 'PUT', path: '/users', token, body })
      if (status === 200) taken += 1
    }
    return [
      { what: 'pictures tried', value: bombs.length, unit: '' },
      {
        what: 'each contact decodes',
        value: taken * SIDE * SIDE * 4,
        unit: 'bytes',
        atMost: 0,
      },
    ]
  },
}

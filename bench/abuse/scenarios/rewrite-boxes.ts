import { randomBytes } from 'node:crypto'
import { writtenBox } from '@sotto/wire'
import { createKeys, signRecord, signWrite } from '../../../tests/services/signed-statements.ts'
import { logIn } from '../../load/accounts.ts'
import { attempt, repeat } from '../attempt.ts'
import { withDatabase } from '../database.ts'
import type { Scenario } from '../scenario.ts'

const CIPHERTEXT = randomBytes(288 * 1024).toString('base64url')
/** Boxes of a device per hour, docs/limits.md. */
const ALLOWED = 240

/** A device writes its largest box repeatedly: one row is kept, but every version is written. */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const { accountId, token } = await logIn(server)
    const keys = createKeys(accountId)
    const record = signRecord(keys, 'Mallory')
    const publication = { record, picture: null }
    await attempt(server.origin, { method: 'PUT', path: '/users', token, body: publication })
    const written = writtenBox('contacts', { version: 1, ciphertext: CIPHERTEXT })
    const { done, perSecond } = await repeat(seconds, (n) => {
      const version = n + 1
      const body = { version, ciphertext: CIPHERTEXT, write: signWrite(keys, written, version) }
      return attempt(server.origin, { method: 'PUT', path: '/boxes/contacts', token, body })
    })
    const [row] = await withDatabase(
      server,
      (sql) => sql<{ bytes: number }[]>`
        select pg_total_relation_size('chat.boxes') as bytes`,
    )
    return [
      { what: 'boxes written', value: done, unit: '', atMost: ALLOWED },
      { what: 'boxes written in a second', value: perSecond, unit: '' },
      {
        what: 'size of the table before it is vacuumed',
        value: row?.bytes ?? 0,
        unit: 'bytes',
        atMost: ALLOWED * CIPHERTEXT.length * 1.1,
      },
    ]
  },
}

import { randomBytes } from 'node:crypto'
import { writtenBox, writtenWrap } from '@sotto/wire'
import {
  createDeviceKey,
  createKeys,
  signCredential,
  signRecord,
  signWrite,
} from '../../../tests/services/signed-statements.ts'
import { logIn } from '../../load/accounts.ts'
import { attempt, repeat } from '../attempt.ts'
import type { Scenario } from '../scenario.ts'

const FAR = 2 ** 31
const WRAP = { kind: 'recovery_code', ciphertext: randomBytes(60).toString('base64url') } as const

/**
 * An attacker has a log-in of an account, but none of its keys. It tries to overwrite the boxes and
 * the wraps with versions that leave no room, to fill the device list, and to learn with whom the
 * account talks.
 */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const { origin } = server
    const { accountId, deviceId, token } = await logIn(server)
    const owner = createKeys(accountId)
    const record = signRecord(owner, 'Alice')
    await attempt(origin, { method: 'PUT', path: '/users', token, body: { record, picture: null } })
    const keys = createKeys(accountId)
    const ciphertext = randomBytes(64).toString('base64url')
    const attempts = [
      (n: number) => {
        const version = n % 2 === 0 ? n + 1 : FAR
        const write = signWrite(keys, writtenBox('keys', { version, ciphertext }), version)
        const body = { version, ciphertext, write, ...(n % 2 === 1 && { after: 0 }) }
        return { method: 'PUT', path: '/boxes/keys', token, body }
      },
      (n: number) => {
        const write = signWrite(keys, writtenWrap(WRAP), n + 1)
        const body = { ciphertext: WRAP.ciphertext, write }
        return { method: 'PUT', path: '/wraps/recovery_code', token, body }
      },
      () => {
        const credential = signCredential(keys, { deviceId, deviceKey: createDeviceKey() })
        return { method: 'PUT', path: `/devices/${deviceId}`, token, body: { credential } }
      },
      () => ({ method: 'GET', path: '/conversations', token }),
      () => ({ method: 'GET', path: '/auth/sessions', token }),
    ]
    const { done, refused } = await repeat(seconds, (n) => {
      const next = attempts[n % attempts.length] ?? attempts[0]
      return attempt(origin, (next as (n: number) => Parameters<typeof attempt>[1])(n))
    })
    return [
      { what: 'requests refused', value: refused, unit: '' },
      {
        what: 'boxes, wraps and devices written, and lists read',
        value: done,
        unit: '',
        atMost: 0,
      },
    ]
  },
}

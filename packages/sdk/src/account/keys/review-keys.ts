import { encodeBase64url } from '@sotto/crypto'
import { ClientError } from '../../api/errors.ts'
import { isRevokedIn } from '../../published/published-keys.ts'
import { verifyAccount } from '../../published/verify-account.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import { put } from '../../storage/record-kind.ts'
import { ERA, UPLOADS } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'
import { findEra, findPublished } from '../state/own-answers.ts'
import { setKeysAside } from './keys-aside.ts'
import { signOwnCredential } from './own-credential.ts'
import { isBeforeKeys } from './own-record.ts'

/** The next step after the server has refused data that this device sent for its account. */
export type Review =
  /** The server recognizes other keys; those here are set aside. */
  | 'set aside'
  /** The server's state is older than the keys here, so they are restored before it is used. */
  | 'wound back'
  /** The account has revoked this device, or uses its id with another device key. */
  | 'revoked'
  /** The keys are valid. This device enrolls again. */
  | 'enroll again'

/**
 * Finds out why the server refuses this device, using only statements that the account's own keys have signed. A
 * refusal alone changes nothing here. Throws `untrusted_answer` if it makes no sense.
 */
export async function reviewKeys(context: AccountContext): Promise<Review> {
  const { state } = context
  const { own, keys, device } = state.memory
  const { accountId, deviceId } = state.login()
  const published = await findPublished(context)
  if (!own || !keys) throw new ClientError('untrusted_answer')
  if (!published) {
    const era = await findEra(context)
    if (era === (await context.storage.load(ERA))) throw new ClientError('untrusted_answer')
    return 'wound back'
  }
  const { record, devices } = await verifyAccount(published, accountId)
  if (isBeforeKeys(own, record)) return 'wound back'
  if (record.identityKey !== own.record.identityKey) {
    const { findRenewal } = await loadCode(() => import('./own-renewal.ts'))
    await setKeysAside(context, await findRenewal(published, own))
    return 'set aside'
  }
  if (isRevokedIn(record, deviceId)) return 'revoked'
  const enrolled = devices.find((one) => one.deviceId === deviceId)
  // The id is permanently tied to another key, so this device needs a new id from a new log-in.
  const isTaken = device && enrolled && enrolled.deviceKey !== encodeBase64url(device.publicKey)
  if (isTaken) return 'revoked'
  if (!device) throw new ClientError('untrusted_answer')
  const rootSecret = await state.rootSecret()
  const upload = await signOwnCredential(context, { keys, rootSecret, device })
  // Uploads that remain from making the keys have to be sent before it.
  const waiting = (await context.storage.load(UPLOADS)) ?? []
  const others = waiting.filter(({ kind }) => kind !== 'device')
  await context.storage.write([put(UPLOADS, [...others, upload])])
  return 'enroll again'
}

import { verifyCredential, verifyRecord } from '@sotto/crypto'
import type { AccountId, AccountRecord, PublishedAccount, PublishedDevice } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import type { ContactDevice, VerifiedAccount } from '../storage/verified-account.ts'
import { hashOfPicture } from './pictures.ts'
import { publicKeysIn, revocationIn, revocationsOf } from './published-keys.ts'

/**
 * Verifies the server's answer about `accountId` as far as possible without a pin: the record must be signed by the
 * identity key in it, name this account and match this picture. Throws `untrusted_answer`.
 *
 * Devices and past keys count only under an identity key that is accepted for this account: the one in the record, or
 * one of `formerKeys`. All others are left out: one bad statement must not make the whole account unreadable.
 *
 * Everything in this folder checks or builds statements and asks no server. Which identity key is the right one is
 * decided in `contacts/pins`.
 */
export async function verifyAccount(
  published: PublishedAccount,
  accountId: AccountId,
  formerKeys: readonly string[] = [],
): Promise<VerifiedAccount> {
  const { record: statement, picture } = published
  const record = await verifyRecord(statement).catch(() => {
    throw new ClientError('untrusted_answer')
  })
  const isAboutIt = record.account === accountId && published.accountId === accountId
  if (!isAboutIt || record.pictureSha256 !== (await hashOfPicture(picture))) {
    throw new ClientError('untrusted_answer')
  }
  const identityKeys = [record.identityKey, ...formerKeys]
  const devices = await Promise.all(
    published.devices.map((device) => verifyDevice(device, accountId, identityKeys)),
  )
  const pastKeys = await Promise.all(
    published.pastRecords.map((past) => verifyPastRecord(past, accountId, identityKeys)),
  )
  const revocations = revocationsOf({ record })
  return {
    record,
    statement,
    picture,
    devices: devices
      .filter((device) => device !== undefined)
      .map((device) => ({ ...device, revokedAt: revocationIn(revocations, device) })),
    pastKeys: pastKeys.filter((key) => key !== undefined),
  }
}

async function verifyDevice(
  { deviceId, credential }: PublishedDevice,
  accountId: AccountId,
  identityKeys: readonly string[],
): Promise<Omit<ContactDevice, 'revokedAt'> | undefined> {
  for (const identityKey of identityKeys) {
    const verified = await verifyCredential(credential, identityKey).catch(() => undefined)
    if (verified?.account !== accountId || verified.device !== deviceId) continue
    return { deviceId, deviceKey: verified.deviceKey, identityKey }
  }
  return undefined
}

async function verifyPastRecord(
  statement: string,
  accountId: AccountId,
  identityKeys: readonly string[],
) {
  const record = await verifyRecord(statement).catch(() => undefined)
  if (record?.account !== accountId || !identityKeys.includes(record.identityKey)) return undefined
  return publicKeysIn(record)
}

/** An account's past records. Any key may have signed them, so the server may have made them up. */
export async function pastRecordsOf(account: AccountId, statements: readonly string[]) {
  const verified = await Promise.all(statements.map((one) => verifyRecord(one).catch(() => null)))
  return verified.filter((record) => record?.account === account) as AccountRecord[]
}

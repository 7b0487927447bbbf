import type { FormerKey, Pin } from '@sotto/crypto'
import { withEarlier } from '../../published/published-keys.ts'
import type { Own } from '../../storage/records/account.ts'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import { readLogEnds } from '../../storage/records/log-ends.ts'
import type { Store } from '../../storage/store.ts'
import { pinOnly } from './contact-pins.ts'
import { decidedAt, OWN_LIMITS, withFormerKey } from './former-keys.ts'

/**
 * Identity keys that this account has replaced by renewal (PROTOCOL.md §10.15). They're valid for what was in the logs
 * of the device that renewed them, and for nothing later: the thief of a device has them, too.
 */

/**
 * Our former keys once `givenUp` has joined them, as of `now`. The logs must have been read to their end. If there are
 * too many conversations, the most recent ones take precedence.
 */
export async function withOwnFormerKey(
  storage: Store,
  { givenUp, next, earlier }: { givenUp: string; next: string; earlier: readonly FormerKey[] },
  now: number,
): Promise<FormerKey[]> {
  const ends = (await readLogEnds(storage)).map(({ conversation, seq }) => ({ conversation, seq }))
  const replacedAt = decidedAt(now, earlier)
  const former: FormerKey = { identityKey: givenUp, replacedAt, ends, renewed: true }
  return withFormerKey(next, former, earlier, OWN_LIMITS)
}

/** Our account among the contacts, under keys that are new here. The devices of the former keys stay known. */
export function ownContact(own: Own, known: ContactRecord | undefined): ContactRecord {
  const { record, statement, picture, formerKeys = [] } = own
  const fresh = pinOnly(record.account, record.identityKey, record.version)
  const isFormer = formerKeys.some(({ identityKey }) => identityKey === known?.identityKey)
  const shown = { record, statement, picture, devices: [], pastKeys: [] }
  const isRenewed = formerKeys.length > 0
  return {
    ...fresh,
    ...(isFormer && { current: withEarlier(known?.current, shown) }),
    formerKeys,
    kept: isRenewed,
    // The device that renewed the keys has also written the box.
    dirty: false,
  }
}

/** Our account's entry in the `contacts` box, if it has former keys. */
export function ownPin({ record, formerKeys = [] }: Own): Pin[] {
  if (formerKeys.length === 0) return []
  const { account, identityKey, version } = record
  const former = [...formerKeys]
  return [{ account, identityKey, recordVersion: version, verified: false, former }]
}

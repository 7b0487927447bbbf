import type { FormerKey, Pin } from '@sotto/crypto'
import { withEarlier } from '../../published/published-keys.ts'
import type { Own } from '../../storage/records/account.ts'
import type { ContactRecord } from '../../storage/records/contacts.ts'
import { readLogEnds } from '../../storage/records/log-ends.ts'
import type { Store } from '../../storage/store.ts'
import { pinOnly } from './contact-pins.ts'
import { decidedAt, OWN_LIMITS, withFormerKey } from './former-keys.ts'

/**
 * Own identity keys that this account has renewed (PROTOCOL.md §10.15). They count for what was in the logs of
 * the device that renewed them, and for nothing later: whoever stole a device has them, too.
 */

/**
 * The former own keys after `givenUp` was one of them, `now`. The logs here are read to their end: the latest
 * conversations come first, where there are too many.
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

/** The own account among the contacts, under keys that are new here. Of former ones the devices stay known. */
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
    // The device that renewed the keys has written the box with them.
    dirty: false,
  }
}

/** The own account in the `contacts` box, where it has former keys. */
export function ownPin({ record, formerKeys = [] }: Own): Pin[] {
  if (formerKeys.length === 0) return []
  const { account, identityKey, version } = record
  const former = [...formerKeys]
  return [{ account, identityKey, recordVersion: version, verified: false, former }]
}

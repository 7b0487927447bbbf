import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { KeyWork } from '../account-sync/key-work.ts'
import type { FreshContacts } from '../contacts/fresh-contacts.ts'
import type { LookAlikes } from '../contacts/look-alikes/look-alikes.ts'
import type { NamedRecords } from '../contacts/named-records.ts'
import type { Receipts } from '../conversations/receipts.ts'
import type { Typing } from '../conversations/typing.ts'
import type { FrameRecord } from '../receiving/frame-record.ts'
import type { Receive } from '../receiving/receive.ts'
import type { Deliver } from '../sending/deliver.ts'
import type { SendDependencies } from '../sending/send.ts'
import type { FollowEraDependencies } from '../server-restore/follow-era.ts'
import type { WindBackDependencies } from '../server-restore/wind-back.ts'
import type { ConversationList } from '../views/conversation-list.ts'
import type { Timelines } from '../views/timelines.ts'
import type { StoredParts } from './stored-parts.ts'

/**
 * The parts of an unlocked device, by name. Functions of other folders get all of them, and declare as their
 * dependencies the few that they use.
 */
export interface EngineParts
  extends UnlockedContext,
    StoredParts,
    SendDependencies,
    WindBackDependencies,
    FollowEraDependencies {
  // What the server sends.
  readonly frames: FrameRecord
  readonly records: NamedRecords
  readonly receive: Receive
  // What this device sends.
  readonly deliver: Deliver
  readonly fresh: FreshContacts
  readonly receipts: Receipts
  readonly typing: Typing
  // What an app shows.
  readonly timelines: Timelines
  readonly list: ConversationList
  readonly lookAlikes: LookAlikes
  // What runs in the background.
  readonly keyWork: KeyWork
}

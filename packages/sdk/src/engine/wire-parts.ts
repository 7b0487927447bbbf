import type { Conversation, ConversationId } from '@sotto/wire'
import { KeyWork } from '../account-sync/key-work.ts'
import { restoreOwn } from '../account-sync/restore-own.ts'
import { endIfGone } from '../commands/ended-conversations.ts'
import { FreshContacts } from '../contacts/fresh-contacts.ts'
import { LookAlikes } from '../contacts/look-alikes/look-alikes.ts'
import { NamedRecords } from '../contacts/named-records.ts'
import { Receipts } from '../conversations/receipts.ts'
import { Typing } from '../conversations/typing.ts'
import { FrameRecord } from '../receiving/frame-record.ts'
import { createOpenEnvelopes } from '../receiving/open-envelopes.ts'
import { createReceive } from '../receiving/receive.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import { Deliver } from '../sending/deliver.ts'
import { failMessage } from '../sending/send.ts'
import { followEra } from '../server-restore/follow-era.ts'
import { windBack } from '../server-restore/wind-back.ts'
import { createConversationList } from '../views/conversation-list.ts'
import { Timelines } from '../views/timelines.ts'
import { Changes } from './changes.ts'
import type { EngineOptions } from './engine-options.ts'
import type { EngineParts } from './engine-parts.ts'
import { ServerLink } from './server-link.ts'
import { openStoredParts, type StoredParts } from './stored-parts.ts'

export interface Wired {
  readonly parts: EngineParts
  readonly link: ServerLink
  readonly changes: Changes
}

/** The parts depend on one another in cycles, so their callbacks reach the others through this once all exist. */
type Reach = () => Wired

/** Loads the stored parts, creates all others, and connects them. */
export async function wireParts(options: EngineOptions): Promise<Wired> {
  let wired: Wired | undefined
  const stored = await openStoredParts(options, {
    // Before everything is loaded, nothing is shown that could change.
    onConversationChange: (id) => wired?.changes.conversationChanged(id),
    onContactChange: (id) => wired?.changes.contactChanged(id),
    onKeyChange: (id) => wired?.changes.keyChanged(id),
  })
  const reach: Reach = () => {
    if (!wired) throw new Error('A part was used while the parts were being created')
    return wired
  }
  const parts: EngineParts = {
    ...options.context,
    ...stored,
    onError: options.onError,
    ...wireReading(options, stored, reach),
    ...wireWriting(options, stored, reach),
    ...wireViews(options, stored, reach),
    ...wireEra(options, reach),
    keyWork: new KeyWork({
      account: options.account,
      ...stored,
      onError: options.onError,
      onOwnChange: () => reach().changes.ownChanged(),
    }),
  }
  const link = new ServerLink(options, parts)
  wired = { parts, link, changes: new Changes(parts, link, options.onOwnChange) }
  return wired
}

function wireReading({ context, onError }: EngineOptions, stored: StoredParts, reach: Reach) {
  const records = new NamedRecords(stored.contacts, onError)
  const onManifestSeen = (version: number) => reach().parts.keyWork.manifestSeen(version)
  return {
    records,
    frames: new FrameRecord(context.now),
    receive: createReceive({
      ...context,
      ...stored,
      open: createOpenEnvelopes({ ...context, ...stored, records, onManifestSeen }),
      onStored: (id, entries) => {
        reach().parts.timelines.stored(id, entries)
        reach().parts.receipts.due()
      },
      onBehind: (id) => reach().link.behind(id),
    }),
  }
}

function wireWriting(options: EngineOptions, stored: StoredParts, reach: Reach) {
  const { context, onError } = options
  const wake = () => reach().parts.deliver.wake()
  const fresh = new FreshContacts(stored.contacts, wake, onError)
  return {
    wake,
    fresh,
    deliver: new Deliver({
      ...stored,
      onAccepted: (id, verdict) => reach().parts.receive.accepted(id, verdict),
      deviceId: () => context.me().deviceId,
      isFresh: (accountId) => fresh.has(accountId),
      fail: (item, code) => failMessage(reach().parts, item, code),
      onNotEnrolled: options.onNotEnrolled,
      onConversationGone: (id) => void endIfGone(reach().parts, id).catch(onError),
      onStall: () => reach().link.replace(),
      onError,
    }),
    receipts: new Receipts({ ...context, ...stored, onError }),
    typing: new Typing(stored.conversations, (id) => reach().changes.conversationChanged(id)),
  }
}

function wireViews({ context, onError }: EngineOptions, stored: StoredParts, reach: Reach) {
  const { contacts, conversations, outbox, lost, drafts } = stored
  const lookAlikes = new LookAlikes({
    contacts,
    me: () => context.me().accountId,
    onChange: (id) => reach().changes.looksChanged(id),
  })
  return {
    lookAlikes,
    timelines: new Timelines({
      ...context,
      conversations,
      outbox: (id) => outbox.of(id),
      lost: (id) => lost.of(id),
      fetchOlder: (id) => reach().parts.receive.fetchOlder(id),
      onError,
    }),
    list: createConversationList({
      conversations,
      contacts,
      looksLike: (contact) => lookAlikes.of(contact),
      outbox: (id) => outbox.of(id),
      isTyping: (id) => reach().parts.typing.isTyping(id),
      draft: (id) => drafts.of(id),
    }),
  }
}

/** Reconciles the logs here with a server that was restored from a backup. */
function wireEra({ account }: EngineOptions, reach: Reach) {
  const comparing = createSerialBy<ConversationId>()
  return {
    /** The first answer on a connection says whether the server's era matches ours. */
    followEra: async (era: string) => {
      const isNew = await followEra(reach().parts, era)
      reach().link.inLine()
      return isNew
    },
    onNewEra: () => reach().link.wound(),
    restoreOwn: async (era: string) => {
      const { own } = account.state.me()
      await restoreOwn(account, reach().parts.keyWork.contactBox, era)
      if (account.state.me().own !== own) reach().changes.ownChanged()
    },
    compare: async (id: ConversationId, told: Conversation | undefined) => {
      await comparing(id, () => windBack(reach().parts, id, told))
      reach().parts.deliver.wake()
    },
    onCut: (id: ConversationId, afterSeq: number) => reach().parts.timelines.cut(id, afterSeq),
  }
}

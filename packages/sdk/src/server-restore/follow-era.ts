import { type Conversation, type ConversationId, chatRequests, MAX_PAGE } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError, mayPass } from '../api/errors.ts'
import type { ConversationChange } from '../conversations/conversations.ts'
import { withAside } from '../conversations/membership.ts'
import type { CatchUpDependencies } from '../receiving/catch-up.ts'
import { forEachAtOnce } from '../scheduling/serial.ts'
import { put, remove } from '../storage/record-kind.ts'
import { CURSOR, ERA } from '../storage/records/account.ts'

const AT_ONCE = 4

export interface FollowEraDependencies extends CatchUpDependencies {
  /** The server is in another era: nothing may be sent or received until the rest is done. */
  readonly onNewEra: () => void
  /** Republishes whatever the server has lost of our account. */
  readonly restoreOwn: (era: string) => Promise<void>
}

/**
 * Records the server's era. A new era means that the server was wound back to a backup and may have lost data that
 * devices have, so everything here is first reconciled with it. Returns whether the era was new.
 *
 * - Until that is done, the era gate is shut: nothing is sent, and no push is processed.
 * - Nothing is deleted. Lost messages of this device go back into its outbox under the same ids and counters; those of
 *   others stay, marked as lost (`wind-back.ts`).
 * - A message is sealed again only for the identity key that it was written to (`seal-again.ts`).
 * - The new era is stored last, so after an interruption everything starts over, which does no harm. A conversation
 *   that can't be compared stays set aside, and holds up no other one.
 */
export async function followEra(deps: FollowEraDependencies, era: string): Promise<boolean> {
  const known = await deps.storage.load(ERA)
  if (known === era) return false
  if (known !== undefined) {
    deps.onNewEra()
    const here = [...deps.conversations.all()]
    for (const { id } of here) await deps.conversations.update(id, setAside)
    await deps.restoreOwn(era)
    const listed = await listAll(deps, era)
    await forEachAtOnce(here, AT_ONCE, async ({ id }) => {
      try {
        await deps.compare(id, listed.get(id))
      } catch (error) {
        if (mayPass(error)) throw error
        deps.onError(error)
      }
    })
  }
  await deps.storage.write([put(ERA, era), remove(CURSOR)])
  return known !== undefined
}

/** Stays set until the logs have been compared; until then every check of the server tries again. */
const setAside: ConversationChange = (conversation) => ({
  next: withAside(conversation, 'uncompared'),
})

async function listAll({ call }: UnlockedContext, era: string) {
  const conversations = new Map<ConversationId, Conversation>()
  let since: string | undefined
  for (let more = true; more; ) {
    const query = { limit: MAX_PAGE, ...(since !== undefined && { since }) }
    const page = await call(chatRequests.listChanges, { query })
    if (page.era !== era) throw new ClientError('unavailable')
    for (const conversation of page.conversations) conversations.set(conversation.id, conversation)
    since = page.cursor
    more = page.more
  }
  return conversations
}

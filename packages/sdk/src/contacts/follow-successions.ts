import { isSignedSuccessor, withSuccessor } from './pins/key-decisions.ts'
import { endsWith, noteKeyChanges, type SafetyDependencies } from './safety.ts'

/**
 * For every contact, pins the keys that the pinned ones have signed (PROTOCOL.md §5.4). Call this once the logs have
 * been read to their end: everything written under the former keys is here by then, and nothing later under them
 * counts.
 */
export async function followSuccessions(deps: SafetyDependencies): Promise<void> {
  const { contacts, conversations, me, now } = deps
  for (const contact of [...contacts.all()]) {
    const { accountId } = contact
    // Our account never adopts keys from the server: the new ones aren't in any box that opens here.
    if (!isSignedSuccessor(contact) || accountId === me().accountId) continue
    // Includes conversations that have appeared since.
    await noteKeyChanges(deps, accountId)
    await contacts.change(accountId, (known) =>
      withSuccessor(known, endsWith(conversations, accountId), now()),
    )
  }
}

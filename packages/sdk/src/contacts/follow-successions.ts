import { isSignedSuccessor, withSuccessor } from './pins/contact-pins.ts'
import { endsWith, noteKeyChanges, type SafetyDependencies } from './safety.ts'

/**
 * Pins the keys for which the pinned ones have signed, of every contact (PROTOCOL.md §5.4). To be called when the
 * logs have been read to their end: what the former keys wrote until now is then here, and nothing that comes
 * later under them counts.
 */
export async function followSuccessions(deps: SafetyDependencies): Promise<void> {
  const { contacts, conversations, me, now } = deps
  for (const contact of [...contacts.all()]) {
    const { accountId } = contact
    // Of the own account nothing is taken from the server: the new keys are in no box that opens here.
    if (!isSignedSuccessor(contact) || accountId === me().accountId) continue
    // Also in conversations that have turned up since.
    await noteKeyChanges(deps, accountId)
    await contacts.change(accountId, (known) =>
      withSuccessor(known, endsWith(conversations, accountId), now()),
    )
  }
}

import { decodeBase64url } from '@sotto/crypto'
import { type ConversationId, chatRequests, type EnvelopeId } from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import type { ServerView } from '../api/answers.ts'
import { ClientError } from '../api/errors.ts'
import type { Outbox } from '../sending/outbox.ts'
import { entryAt, type LogEntry, type OutboxItem, seenMessageAt } from '../storage/records/log.ts'
import type { FrameRecord } from './frame-record.ts'

/** A message next to the server's data for it: the stored row itself, and the frames that carried it. */
export async function serverView(
  deps: UnlockedContext & { outbox: Outbox; frames: FrameRecord },
  id: ConversationId,
  message: EnvelopeId,
): Promise<ServerView> {
  const item = deps.outbox.find(id, message)
  const seq = item?.accepted?.seq ?? (await deps.storage.load(seenMessageAt(id, message)))
  const entry = seq === undefined ? undefined : await deps.storage.load(entryAt(id, seq))
  if (!item && !entry) throw new ClientError('not_found')

  const params = seq === undefined ? undefined : { conversationId: id, seq }
  const row = params ? await deps.call(chatRequests.serverRow, { params }) : null
  const inRow = row?.columns.ciphertext
  const ciphertext = typeof inRow === 'string' ? inRow : (item?.envelope.ciphertext ?? '')
  return {
    plaintext: plaintextOf(item, entry),
    row,
    frames: deps.frames.of(message),
    header: headerOf(ciphertext),
    ciphertextBytes: ciphertext.length,
  }
}

function plaintextOf(item: OutboxItem | undefined, entry: LogEntry | undefined): string {
  if (item) return item.content.body
  return entry?.kind === 'message' ? entry.content.body : ''
}

/** The protected header of a JWE in compact or JSON form. */
function headerOf(ciphertext: string): Record<string, unknown> {
  try {
    const encoded = ciphertext.startsWith('{')
      ? (JSON.parse(ciphertext) as { protected: string }).protected
      : (ciphertext.split('.')[0] ?? '')
    return JSON.parse(new TextDecoder().decode(decodeBase64url(encoded))) as Record<string, unknown>
  } catch {
    return {}
  }
}

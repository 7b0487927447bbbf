import { openEnvelope as openRealEnvelope } from '../../../../packages/sdk/src/receiving/open-envelope.ts'

/**
 * The planted bug, second half: the content is compared with the envelope, not with the requested
 * conversation.
 */
export function openEnvelope(
  ...[keys, conversation, senders, envelope]: Parameters<typeof openRealEnvelope>
): ReturnType<typeof openRealEnvelope> {
  const claimed = { ...conversation, id: envelope.conversationId }
  return openRealEnvelope(keys, claimed, senders, envelope)
}

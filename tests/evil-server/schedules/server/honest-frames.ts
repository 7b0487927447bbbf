import type {
  Actor,
  ClientFrame,
  NewEnvelope,
  Receipt,
  ServerFrame,
  StoredEnvelope,
  Verdict,
} from '@sotto/wire'
import { type HonestServer, peopleOf } from './honest-server.ts'
import { lastSeqOf } from './server-state.ts'

/** Processes a frame from a device's authenticated connection. */
export function applyFrame(
  server: HonestServer,
  frame: ClientFrame,
  actor: Actor,
  answer: (frame: ServerFrame) => void,
): void {
  if (frame.type === 'ping') answer({ type: 'pong' })
  if (frame.type === 'receipts') for (const receipt of frame.receipts) mark(server, actor, receipt)
  if (frame.type === 'typing') {
    const { conversationId } = frame
    const { accountId } = actor
    const state = server.state.conversations.get(conversationId)
    const others = state ? peopleOf(state).filter((id) => id !== accountId) : []
    server.push(others, { type: 'typing', conversationId, accountId })
  }
  if (frame.type !== 'send') return
  const decided = frame.envelopes.map((envelope) => accept(server, actor, envelope))
  answer({ type: 'verdicts', verdicts: decided.map(({ verdict }) => verdict) })
  const stored = decided.flatMap(({ stored: one }) => one ?? [])
  for (const [id, envelopes] of Map.groupBy(stored, ({ conversationId }) => conversationId)) {
    const state = server.state.conversations.get(id)
    if (state) server.push(peopleOf(state), { type: 'envelopes', envelopes })
  }
}

function accept(
  server: HonestServer,
  { accountId, deviceId }: Actor,
  envelope: NewEnvelope,
): { verdict: Verdict; stored?: StoredEnvelope } {
  const { id, conversationId } = envelope
  const refuse = (code: Extract<Verdict, { fate: 'refused' }>['code']) => ({
    verdict: { fate: 'refused', id, conversationId, code } as const,
  })
  const accepted = ({ seq, acceptedAt }: StoredEnvelope) =>
    ({ fate: 'accepted', id, conversationId, seq, acceptedAt }) as const
  const state = server.state.conversations.get(conversationId)
  const me = state?.participants.find((one) => one.accountId === accountId)
  if (!state || !me) return refuse('conversation_not_found')
  const known = state.log.find((one) => one.id === id)
  if (known) {
    const isRetry = known.senderAccountId === accountId && known.senderDeviceId === deviceId
    return isRetry ? { verdict: accepted(known) } : refuse('envelope_id_taken')
  }
  if (!server.isEnrolled(accountId, deviceId)) return refuse('device_not_enrolled')
  const states = state.participants.map((one) => one.state)
  if (states.some((one) => one === 'declined' || one === 'blocked')) {
    return refuse('conversation_closed')
  }
  if (me.state === 'requested') return refuse('request_pending')
  const stored = server.append(state, {
    ...envelope,
    senderAccountId: accountId,
    senderDeviceId: deviceId,
    acceptedAt: server.now(),
  })
  return { verdict: accepted(stored), stored }
}

function mark(server: HonestServer, { accountId }: Actor, receipt: Receipt): void {
  const { conversationId, deliveredSeq, readSeq } = receipt
  const state = server.state.conversations.get(conversationId)
  const me = state?.participants.find((one) => one.accountId === accountId)
  if (!state || !me) return
  // A mark cannot be ahead of the log.
  const last = lastSeqOf(state)
  const marks = {
    deliveredSeq: Math.max(me.deliveredSeq, Math.min(last, Math.max(deliveredSeq, readSeq))),
    readSeq: Math.max(me.readSeq, Math.min(last, readSeq)),
  }
  state.participants = state.participants.map((one) => (one === me ? { ...me, ...marks } : one))
  server.touch(state)
  const receipts = [{ conversationId, ...marks }]
  server.push(peopleOf(state), { type: 'receipts', accountId, receipts })
}

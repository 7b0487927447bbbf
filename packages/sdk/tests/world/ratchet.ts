import type { Content } from '@sotto/crypto'
import type { Me } from '../../src/account/state/account-state.ts'
import type { ConversationProtocol, Opened, Protocols } from '../../src/protocols/port.ts'
import type { ProtocolState } from '../../src/storage/records/conversations.ts'
import { writtenTo } from '../../src/storage/records/written-to.ts'

/** How many of each device's messages were sealed or opened. */
type Steps = Readonly<Record<string, number>>

interface Sealed {
  readonly step: number
  readonly content: Content
}

/**
 * A stateful protocol that protects nothing: a message opens exactly once, in order, and only with the state left by
 * the previous one. It reveals whether states are stored as the port requires.
 */
const RATCHET: ConversationProtocol = {
  name: 'ecdh',
  isStateful: true,
  prepare: () => 'nothing',
  seal: async ({ conversation, others, content, me }) => {
    const steps = read(conversation.protocolState)
    const step = steps[me.deviceId] ?? 0
    const sealed: Sealed = { step, content: { ...content, to: '', recipients: [] } }
    return {
      ciphertext: JSON.stringify(sealed),
      writtenTo: writtenTo(others),
      state: write({ ...steps, [me.deviceId]: step + 1 }),
    }
  },
  open: async ({ conversation, envelope }): Promise<Opened> => {
    const steps = read(conversation.protocolState)
    const { step, content }: Sealed = JSON.parse(envelope.ciphertext)
    if (step !== (steps[envelope.senderDeviceId] ?? 0)) {
      return { kind: 'closed', reason: 'cannot_decrypt' }
    }
    const state = write({ ...steps, [envelope.senderDeviceId]: step + 1 })
    return { kind: 'content', content, state }
  },
  recipients: async ({ isMine, others }) => (isMine ? writtenTo(others) : {}),
}

export const createRatchets = (_: () => Me): Protocols => ({ ecdh: RATCHET, rsa: RATCHET })

function read(state: ProtocolState | null): Steps {
  return state ? JSON.parse(new TextDecoder().decode(state)) : {}
}

function write(steps: Steps): ProtocolState {
  return new TextEncoder().encode(JSON.stringify(steps))
}

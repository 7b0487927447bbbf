import { ConversationId, chatRequests, type Protocol } from '@sotto/wire'
import { expect } from 'vitest'
import type { RawDevice } from '../raw/raw-device.ts'
import { open, type Peer, seal } from '../raw/raw-messages.ts'
import type { RawSocket } from '../raw/raw-socket.ts'
import { nameConversation } from './name-values.ts'
import type { Scene } from './scene.ts'

interface Line {
  readonly from: 'alice' | 'bob'
  readonly id: ConversationId
  readonly protocol: Protocol
  readonly text: string
  readonly counter: number
}

/** The writer and the reader, with their connections and their knowledge of each other. */
function sidesOf(scene: Scene, from: Line['from']) {
  const { alice, phone, bob, bobs, pinned, pinnedByBob } = scene
  if (!pinnedByBob) throw new Error('Bob does not know Alice yet')
  const hers = { device: alice, socket: phone, peer: pinned }
  const his = { device: bob, socket: bobs, peer: pinnedByBob }
  return from === 'alice' ? { writer: hers, reader: his } : { writer: his, reader: hers }
}

export async function createConversation(
  { alice, bob, values }: Scene,
  protocol: Protocol,
  name: string,
): Promise<ConversationId> {
  const id = ConversationId.parse(crypto.randomUUID())
  nameConversation(values, id, name)
  const participants = [bob.accountId]
  await alice.call(chatRequests.createConversation, { body: { id, protocol, participants } })
  return id
}

/** Sends a message to the other person, who opens it. Returns once both have received all its frames. */
export async function write(scene: Scene, line: Line): Promise<void> {
  const { writer, reader } = sidesOf(scene, line.from)
  const envelope = await sealed(scene, line)
  writer.socket.send({ type: 'send', envelopes: [envelope] })
  await writer.socket.next('verdicts')
  await readPush(scene, line, { writer, reader })
}

async function sealed(scene: Scene, line: Line) {
  const { writer } = sidesOf(scene, line.from)
  const { device, peer } = writer
  const { text, counter, protocol, id: conversation } = line
  const { envelope, content } = await seal(device, peer, { conversation, protocol, text, counter })
  scene.values.name(envelope.id, `message "${text}"`)
  const { text: body, ...header } = content
  const recipients = protocol === 'rsa' ? recipientsIn(envelope.ciphertext) : []
  scene.recording.inside(`The header inside the ciphertext (the body is “${body}”)`, {
    ...header,
    recipients,
  })
  return envelope
}

function recipientsIn(ciphertext: string): string[] {
  const { recipients } = JSON.parse(ciphertext) as { recipients: { header: { kid: string } }[] }
  return recipients.map(({ header }) => header.kid)
}

interface Side {
  readonly device: RawDevice
  readonly socket: RawSocket
  readonly peer: Peer
}

/** Both sides receive the envelope as a push, and both can open it. */
async function readPush(
  { recording }: Scene,
  { text, protocol }: Line,
  { writer, reader }: { writer: Side; reader: Side },
): Promise<void> {
  recording.say(
    'The server pushes the envelope to everyone in the conversation, including the device that sent it.',
  )
  // The writer is the reader's peer.
  const sender = reader.peer
  for (const { device, socket, peer } of [writer, reader]) {
    const { envelopes } = await socket.next('envelopes')
    for (const envelope of envelopes) {
      const content = await open(device, { peer, sender }, envelope, protocol)
      expect(content.text).toBe(text)
    }
  }
}

/** The connection breaks after the message, before its verdict. */
export async function loseVerdict(scene: Scene, id: ConversationId): Promise<void> {
  const { recording, alice, bobs } = scene
  recording.chapter(
    'A verdict is lost',
    'Alice writes again. The server accepts it, but the connection breaks before the verdict comes. So she does not know, connects again, and sends the same bytes.',
  )
  const line = { from: 'alice', id, protocol: 'ecdh', text: 'Shall we talk?', counter: 2 } as const
  const envelope = await sealed(scene, line)
  scene.phone.send({ type: 'send', envelopes: [envelope] })
  const { envelopes } = await bobs.next('envelopes')
  expect(envelopes.map((one) => one.id)).toEqual([envelope.id])
  scene.phone[Symbol.dispose]()
  recording.say("The connection of Alice's phone ends here, and another one begins.")
  scene.phone = await alice.connect()
  await alice.call(chatRequests.listChanges, { query: {} })
  scene.phone.send({ type: 'send', envelopes: [envelope] })
  recording.say(
    'The server recognizes the envelope: it is in the log once, and has the seq it had.',
  )
  const { verdicts } = await scene.phone.next('verdicts')
  expect(verdicts).toMatchObject([{ fate: 'accepted', seq: 2 }])
  await write(scene, { from: 'bob', id, protocol: 'ecdh', text: 'Gladly.', counter: 1 })
}

/** The same two people in the other protocol, which needs no new contact request. */
export async function talkInRsa(scene: Scene): Promise<ConversationId> {
  const { recording, phone, bobs } = scene
  recording.chapter(
    'They talk in `rsa`',
    'Since the two talk already, the new conversation is open at once. The JWE is for two keys: that of Bob, then that of Alice, so that her other devices can read it.',
  )
  const id = await createConversation(scene, 'rsa', 'the rsa conversation')
  await phone.next('conversation_changed')
  await bobs.next('conversation_created')
  await write(scene, { from: 'alice', id, protocol: 'rsa', text: 'Now in RSA.', counter: 1 })
  return id
}

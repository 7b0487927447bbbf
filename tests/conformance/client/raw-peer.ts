import { encodeContent, encryptEcdh, encryptRsa, type OutgoingContent } from '@sotto/crypto'
import { type ConversationId, chatRequests, EnvelopeId, type Protocol } from '@sotto/wire'
import { addDevice, type RawDevice, signUp } from '../raw/raw-device.ts'
import {
  contentOf,
  keysWith,
  type Peer,
  readPeer,
  recipientsOf,
  signed,
} from '../raw/raw-messages.ts'
import { verdictsOf } from '../server/collect-verdicts.ts'
import type { AccountUnderTest, ClientStage } from './client-stage.ts'

/** A person who writes envelopes by hand, valid and invalid ones, in a conversation with the client. */
export class RawPeer {
  readonly device: RawDevice
  readonly id: ConversationId
  readonly #peer: Peer
  #counter = 0

  /** Signs up, starts a conversation with a client account (by default the shared one), and is accepted. */
  static async talkTo(
    { network, client: shared }: ClientStage,
    protocol: Protocol,
    client: AccountUnderTest = shared,
  ): Promise<RawPeer> {
    const device = await signUp(network, 'morgan', { withRsa: protocol === 'rsa' })
    const params = { accountId: client.accountId }
    const peer = await readPeer(await device.call(chatRequests.getUser, { params }))
    const id = await device.createConversation({ accountId: client.accountId }, protocol)
    await client.device.conversation(id, ({ state }) => state === 'request')
    await client.device.ask('answer', { conversation: id, answer: 'accepted' })
    await client.device.conversation(id, ({ state }) => state === 'open')
    return new RawPeer(device, id, peer)
  }

  private constructor(device: RawDevice, id: ConversationId, peer: Peer) {
    this.device = device
    this.id = id
    this.#peer = peer
  }

  /** The same person on another device, in the same conversation. */
  async onAnotherDevice(): Promise<RawPeer> {
    return new RawPeer(await addDevice(this.device), this.id, this.#peer)
  }

  /** The content of this device's next message; `changes` makes it invalid. */
  async content(text: string, changes: Partial<OutgoingContent> = {}): Promise<OutgoingContent> {
    this.#counter += 1
    const written = { conversation: this.id, text, counter: this.#counter }
    return { ...(await contentOf(this.device, this.#peer, written)), ...changes }
  }

  /** Seals arbitrary bytes as an `ecdh` message. */
  async sealEcdh(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    return encryptEcdh(await keysWith(this.device, this.#peer.record, this.id), bytes)
  }

  /** Seals content as an `ecdh` message. */
  async ecdh(content: OutgoingContent): Promise<string> {
    return this.sealEcdh(encodeContent({ ...content, recipients: [] }))
  }

  /** The keys of both sides, the recipient's first. */
  recipients() {
    return recipientsOf(this.device, this.#peer.record)
  }

  /** Signs content and encrypts it to `recipients`, which its header names unless `named` overrides them. */
  async rsa(
    content: OutgoingContent,
    how: {
      readonly recipients?: Awaited<ReturnType<RawPeer['recipients']>>
      readonly named?: readonly string[]
      readonly aad?: Uint8Array<ArrayBuffer> | undefined
      readonly signedBy?: RawDevice
    } = {},
  ): Promise<string> {
    const { recipients = await this.recipients(), signedBy = this.device } = how
    const { named = recipients.map(({ kid }) => kid) } = how
    const plaintext = await signed(signedBy, encodeContent({ ...content, recipients: [...named] }))
    const aad = 'aad' in how ? how.aad : aadOf(this.id)
    return encryptRsa(plaintext, recipients, aad)
  }

  /** Sends an envelope and waits until it is in the log. */
  async send(ciphertext: string, id: string = crypto.randomUUID()): Promise<void> {
    using socket = await this.device.connect()
    const envelope = { id, conversationId: this.id, kind: 'message', ciphertext } as const
    socket.send({ type: 'send', envelopes: [{ ...envelope, id: EnvelopeId.parse(id) }] })
    const [verdict] = await verdictsOf(socket, 1)
    if (verdict?.fate !== 'accepted') throw new Error(`refused: ${JSON.stringify(verdict)}`)
  }

  /** Sends a valid message. */
  async sendRight(protocol: Protocol, text: string): Promise<void> {
    const content = await this.content(text)
    const ciphertext = protocol === 'rsa' ? await this.rsa(content) : await this.ecdh(content)
    await this.send(ciphertext, content.message)
  }
}

/** The additional data of `rsa` messages (PROTOCOL.md §8.2). */
export function aadOf(id: string): Uint8Array<ArrayBuffer> {
  const label = new TextEncoder().encode('sotto/1 rsa message\0')
  return new Uint8Array([...label, ...Buffer.from(id.replaceAll('-', ''), 'hex')])
}

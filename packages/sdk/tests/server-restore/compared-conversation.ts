import { type Conversation, chatRequests, type EnvelopeId } from '@sotto/wire'
import { ClientError } from '../../src/api/errors.ts'
import type { ConversationRecord } from '../../src/conversations/conversation-record.ts'
import { withAside } from '../../src/conversations/membership.ts'
import { windBack } from '../../src/server-restore/wind-back.ts'
import type { Device } from '../world/device.ts'
import { TwoPeople } from '../world/two-people.ts'

/** One conversation of Alice's device, which is compared with a restored server. */
export class ComparedConversation {
  readonly people: TwoPeople
  readonly bob: Device
  alice: Device
  /** Each cut of the log here: the conversation, and the last seq that is left. */
  readonly cuts: unknown[] = []
  /** Restores a backup that has the first message, which is by Bob. */
  restore: () => void = () => {}

  static async open(): Promise<ComparedConversation> {
    const people = await TwoPeople.meet()
    const alice = await people.start(people.alice)
    const one = new ComparedConversation(people, alice, await people.start(people.bob))
    await one.exchange(one.bob)
    one.restore = people.server.backUp()
    return one
  }

  private constructor(people: TwoPeople, alice: Device, bob: Device) {
    this.people = people
    this.alice = alice
    this.bob = bob
  }

  get here(): ConversationRecord {
    return this.alice.parts.conversations.load(this.people.id)
  }

  get waiting() {
    return this.alice.parts.outbox.of(this.people.id)
  }

  get lost(): EnvelopeId[] {
    return this.alice.parts.lost.of(this.people.id).map(({ entry }) => entry.id)
  }

  async change(changed: Partial<ConversationRecord>): Promise<void> {
    await this.alice.parts.conversations.update(this.people.id, (conversation) => ({
      next: { ...conversation, ...changed },
    }))
  }

  /** A message that the server accepts, and Alice's device reads. */
  async exchange(device: Device): Promise<EnvelopeId> {
    const envelope = await this.people.sealedBy(device, 'hello')
    const { accountId, id: deviceId } = device
    this.people.server.send({ accountId, deviceId }, envelope)
    await this.alice.catchUp()
    return envelope.id
  }

  /** Sets the conversation aside and compares it with what the server has now. */
  async compare(): Promise<void> {
    await this.change(withAside(this.here, 'uncompared'))
    const conversation = this.people.server.conversation(this.people.id)
    await this.windBack(
      conversation && this.people.server.toldTo(this.alice.accountId, conversation),
    )
  }

  async windBack(told: Conversation | undefined): Promise<void> {
    const onCut = (...cut: unknown[]) => this.cuts.push(cut)
    await windBack({ ...this.alice.reading, ...this.alice.parts, onCut }, this.people.id, told)
  }

  /** Creating the conversation fails with this error. */
  refuse(...refusal: ConstructorParameters<typeof ClientError>): void {
    this.people.server.onCall = (endpoint) => {
      if (endpoint === chatRequests.createConversation) throw new ClientError(...refusal)
    }
  }
}

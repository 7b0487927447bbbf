import { ConversationId, type ParticipantState } from '@sotto/wire'
import { ChatServer } from './chat-server.ts'
import { Device, type DeviceOptions } from './device.ts'
import { Person } from './person.ts'

/** A person, and the device that they use. */
type Owner = Pick<DeviceOptions, 'person' | 'enrolled'>

/** Alice and Bob with one device each, and a conversation that Alice started. */
export class TwoPeople {
  readonly id = ConversationId.parse(crypto.randomUUID())
  readonly server: ChatServer
  /** Restores a backup from before they met. */
  beforeMeeting: () => void = () => {}
  readonly alice: Owner
  readonly bob: Owner

  static async meet(answer: ParticipantState = 'accepted'): Promise<TwoPeople> {
    const [alice, bob] = await Promise.all([Person.create('Alice'), Person.create('Bob')])
    const [phone, bobsPhone] = await Promise.all([alice.enroll(), bob.enroll()])
    const people = new TwoPeople(
      { person: alice, enrolled: phone },
      { person: bob, enrolled: bobsPhone },
    )
    people.beforeMeeting = people.server.backUp()
    people.server.create(people.id, alice.accountId, { [bob.accountId]: answer })
    return people
  }

  private constructor(alice: Owner, bob: Owner) {
    this.alice = alice
    this.bob = bob
    this.server = new ChatServer(alice.person, bob.person)
  }

  /** One of their devices, which has read everything. */
  async start(who: Owner, options: Partial<DeviceOptions> = {}): Promise<Device> {
    const device = await Device.start({ server: this.server, ...who, ...options })
    await device.catchUp()
    return device
  }

  /** A message that a device writes, as an envelope that hasn't been sent to anyone. */
  async sealedBy(device: Device, text: string) {
    const message = await device.write(this.id, text)
    const item = device.parts.outbox.find(this.id, message)
    if (!item) throw new Error('nothing was written')
    return item.envelope
  }
}

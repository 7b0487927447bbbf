import type { ContactView, ConversationSummary, Message } from '@sotto/sdk'
import type { AccountId, ConversationId } from '@sotto/wire'
import { TestDevice, type TestDeviceOptions } from './device.ts'

export interface PersonOptions extends TestDeviceOptions {
  /** Signs up with this address and the password below instead of a phone number. */
  readonly email?: string
  readonly withRsa?: boolean
  /** The invitation link for the sign-up. */
  readonly invitation?: string
}

const PASSWORD = 'a long password that nobody guesses'

export interface StartOverOptions extends TestDeviceOptions {
  /** The name that others see from now on. */
  readonly name?: string
}

/** Where people sign up: a server, phone numbers, and the codes that arrive. */
export interface Place {
  readonly origin: string
  newPhone(): string
  codeFor(address: string): Promise<string>
}

/** A person with an account, one device at first, and a recovery code on paper. */
export class Person {
  readonly name: string
  readonly phone: string | null
  readonly email: string | null
  readonly password = PASSWORD
  readonly devices: TestDevice[] = []
  recoveryCode = ''
  readonly #place: Place

  static async signUp(place: Place, name: string, options: PersonOptions = {}): Promise<Person> {
    const person = new Person(place, name, options.email ?? null)
    const device = await TestDevice.open(place, `${name.slice(0, 40)}'s first device`, options)
    person.devices.push(device)
    if (options.invitation) await device.commands.acceptInvitation(options.invitation)
    await person.enter(device)
    const profile = { name, picture: null, withRsa: options.withRsa ?? false, findable: true }
    await device.commands.createProfile(profile)
    person.recoveryCode = await device.confirmRecovery()
    await device.online()
    return person
  }

  private constructor(place: Place, name: string, email: string | null) {
    this.#place = place
    this.name = name
    this.email = email
    this.phone = email === null ? place.newPhone() : null
  }

  /** The first device. */
  get device(): TestDevice {
    const [first] = this.devices
    if (!first) throw new Error(`${this.name} has no device`)
    return first
  }

  get commands() {
    return this.device.commands
  }

  get accountId(): AccountId {
    return this.device.me().accountId
  }

  /** Logs in on a device: by phone code, or by email and password, which is set if it is new. */
  async enter(device: TestDevice): Promise<void> {
    if (this.phone !== null) {
      const { challengeId } = await device.commands.startPhone(this.phone)
      await device.commands.verifyPhone(challengeId, await this.#place.codeFor(this.phone))
      return
    }
    const email = this.email ?? ''
    if (this.devices.length > 1) return device.commands.logIn(email, this.password)
    const { challengeId } = await device.commands.startEmail(email)
    await device.commands.verifyEmail(challengeId, await this.#place.codeFor(email))
    await device.commands.setPassword(this.password)
  }

  /** Another unlocked device of this person. */
  async addDevice(options: TestDeviceOptions = {}): Promise<TestDevice> {
    const device = await this.#enterAnother(options)
    if (device.session().stage === 'locked') {
      await device.commands.unlockWithRecoveryCode(this.recoveryCode)
    }
    await device.online()
    return device
  }

  /** Another logged-in device of this person that cannot open the keys yet. */
  async addLockedDevice(options: TestDeviceOptions = {}): Promise<TestDevice> {
    const device = await this.#enterAnother(options)
    await device.stage('locked')
    return device
  }

  /** Another device of this person, which discards the keys and creates new ones. */
  async startOver({ name = this.name, ...options }: StartOverOptions = {}): Promise<TestDevice> {
    const device = await this.addLockedDevice(options)
    await device.commands.startWithNewKeys({ name, picture: null })
    this.recoveryCode = await device.confirmRecovery()
    await device.online()
    return device
  }

  /** A new recovery code, created on one of the devices and named by the manifest. */
  async renewRecoveryCode(device = this.device): Promise<void> {
    this.recoveryCode = await device.renewRecoveryCode()
  }

  /** Loses all devices and their data. */
  async loseDevices(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.close()))
    this.devices.length = 0
  }

  async #enterAnother(options: TestDeviceOptions): Promise<TestDevice> {
    const name = `${this.name.slice(0, 40)}'s device ${this.devices.length + 1}`
    const device = await TestDevice.open(this.#place, name, options)
    this.devices.push(device)
    await this.enter(device)
    return device
  }

  /** A conversation that the other person has accepted. */
  async startConversation(
    other: Person,
    protocol: 'ecdh' | 'rsa' = 'ecdh',
  ): Promise<ConversationId> {
    const id = await this.commands.startConversation(other.accountId, protocol)
    const request = await other.device.conversation(id)
    if (request.state === 'request') await other.commands.answerRequest(id, 'accepted')
    await this.device.conversation(id, ({ state }) => state === 'open')
    await other.device.conversation(id, ({ state }) => state === 'open')
    return id
  }

  /** Sends, and waits until the server has accepted it. */
  async send(id: ConversationId, text: string): Promise<Message> {
    return this.device.send(id, text)
  }

  /** The next message from someone else, in any conversation. */
  async nextMessage(): Promise<Message> {
    return this.device.nextMessage()
  }

  contact(other: Person): ContactView | undefined {
    return this.device.contact(other.accountId)
  }

  conversations(): readonly ConversationSummary[] {
    return this.device.client.snapshot({ view: 'conversations' }) ?? []
  }

  /** Closes all devices. */
  async leave(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.close()))
  }
}

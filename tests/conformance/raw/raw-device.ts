import {
  type DeviceKeyPair,
  encodeBase64url,
  generateDeviceKey,
  signDeviceProof,
} from '@sotto/crypto'
import {
  type AccountId,
  authRequests,
  type BoxName,
  ConversationId,
  chatRequests,
  DeviceId,
  type Endpoint,
  EnvelopeId,
  logInChallenge,
  type NewEnvelope,
  type Protocol,
  type SealedBox,
  type TokenAnswer,
  type Wrap,
  writtenWraps,
} from '@sotto/wire'
import { expect } from 'vitest'
import { RawAccount } from './raw-account.ts'
import {
  type CallAnswer,
  type CallInput,
  call,
  type RawExchange,
  Refused,
  type ServerUnderTest,
} from './raw-server.ts'
import { type RawFrame, RawSocket } from './raw-socket.ts'

/** Receives all traffic. */
export interface Recorder {
  exchange?: ((exchange: RawExchange) => void) | undefined
  frame?: ((frame: RawFrame) => void) | undefined
}

/** A device that does nothing by itself: it sends whatever a case tells it to. */
export class RawDevice {
  readonly name: string
  readonly server: ServerUnderTest
  readonly deviceId: DeviceId
  readonly key: DeviceKeyPair
  readonly recorder: Recorder
  #tokens: TokenAnswer | undefined
  #account: RawAccount | undefined

  static async create(
    server: ServerUnderTest,
    { name = 'a device', recorder = {} }: { name?: string; recorder?: Recorder | undefined } = {},
  ): Promise<RawDevice> {
    return new RawDevice(server, await generateDeviceKey(), { name, recorder })
  }

  private constructor(
    server: ServerUnderTest,
    key: DeviceKeyPair,
    { name, recorder }: { name: string; recorder: Recorder },
  ) {
    this.name = name
    this.server = server
    this.key = key
    this.recorder = recorder
    this.deviceId = DeviceId.parse(crypto.randomUUID())
  }

  get account(): RawAccount {
    if (!this.#account) throw new Error('The device has no keys')
    return this.#account
  }

  set account(account: RawAccount) {
    this.#account = account
  }

  get accountId() {
    return this.tokens.account_id
  }

  get tokens(): TokenAnswer {
    if (!this.#tokens) throw new Error('The device is not logged in')
    return this.#tokens
  }

  set tokens(tokens: TokenAnswer) {
    this.#tokens = tokens
  }

  /** Calls an endpoint with the access token of this device. Throws `Refused`. */
  call<E extends Endpoint>(endpoint: E, input: CallInput<E>): Promise<CallAnswer<E>> {
    const token = endpoint.access === 'anyone' ? undefined : this.#tokens?.access_token
    const onExchange = this.recorder.exchange
    return call(this.server.origin, endpoint, input, { token, onExchange })
  }

  /** How an endpoint refuses. Fails if it doesn't. */
  async refusal<E extends Endpoint>(
    endpoint: E,
    input: CallInput<E>,
  ): Promise<Pick<Refused, 'code' | 'details'>> {
    const answer: unknown = await this.call(endpoint, input).catch((error) => error)
    const name = `${endpoint.method} ${endpoint.path}`
    if (answer instanceof Error && !(answer instanceof Refused)) throw answer
    expect(answer, `${name} has to refuse`).toBeInstanceOf(Refused)
    const { code, details } = answer as Refused
    return { code, details }
  }

  /** Logs in by phone (PROTOCOL.md §10.1), which creates the account of a new number. */
  async logIn(phone: string): Promise<TokenAnswer> {
    const { challengeId } = await this.call(authRequests.startPhone, { body: { phone } })
    const code = await this.server.codeFor(phone)
    const device = { deviceId: this.deviceId, refreshIn: 'body' } as const
    const body = { challengeId, code, device }
    this.#tokens = await this.call(authRequests.verifyPhone, { body })
    return this.#tokens
  }

  /** Uploads everything that an account's first device publishes, in order. */
  async publishAll(): Promise<void> {
    const { account } = this
    await this.publish()
    await this.putBox('keys', await account.sealedKeys())
    await this.putBox('contacts', await account.sealedContacts())
    await this.replaceWraps([await account.wrap()])
    await this.enroll()
    await this.call(chatRequests.putManifest, { body: { manifest: await account.manifest() } })
  }

  /** Stores a box, signed as the owner. */
  async putBox(box: BoxName, sealed: SealedBox): Promise<void> {
    const body = await this.account.writtenBox(box, sealed)
    await this.call(chatRequests.putBox, { params: { box }, body })
  }

  /** Replaces all wraps with these. */
  async replaceWraps(wraps: Wrap[]): Promise<void> {
    const write = await this.account.write(writtenWraps(wraps), await this.nextOfWraps())
    await this.call(chatRequests.replaceWraps, { body: { wraps, write } })
  }

  /** The version of the next write of the wraps. */
  async nextOfWraps(): Promise<number> {
    return (await this.call(authRequests.listWraps, {})).version + 1
  }

  /** Publishes the record of `account`. */
  async publish(): Promise<void> {
    const body = { record: await this.account.record(), picture: null }
    await this.call(chatRequests.putUser, { body })
  }

  /** Publishes the record's next version. */
  async publishNext(): Promise<void> {
    this.account.versions.record += 1
    await this.publish()
  }

  /** Enrolls the device and proves its log-in, which removes all restrictions. */
  async enroll(): Promise<void> {
    const { deviceId, name } = this
    const { publicKey } = this.key
    const credential = await this.account.credential({ deviceId, publicKey, name })
    await this.call(chatRequests.putDevice, { params: { deviceId }, body: { credential } })
    await this.proveLogIn(credential)
  }

  /** Proves that this log-in belongs to a device of the account (PROTOCOL.md §10.16). */
  async proveLogIn(given?: string): Promise<void> {
    const { account, deviceId, key, tokens } = this
    const { accountId } = account
    const credential =
      given ?? (await account.credential({ deviceId, publicKey: key.publicKey, name: this.name }))
    const proof = await signDeviceProof(key, {
      account: accountId,
      device: deviceId,
      challenge: logInChallenge(tokens.session_id),
      issuedAt: Date.now(),
    })
    const params = { deviceId }
    await this.call(chatRequests.proveDevice, { params, body: { credential, proof } })
  }

  /** An authenticated connection. */
  async connect(): Promise<RawSocket> {
    const socket = await RawSocket.open(this.server.origin, this.recorder.frame)
    socket.send({ type: 'authenticate', token: this.tokens.access_token })
    await socket.next('authenticated')
    return socket
  }

  async createConversation(
    other: { readonly accountId: AccountId },
    protocol: Protocol = 'ecdh',
  ): Promise<ConversationId> {
    const id = ConversationId.parse(crypto.randomUUID())
    const participants = [other.accountId]
    await this.call(chatRequests.createConversation, { body: { id, protocol, participants } })
    return id
  }

  answer(conversationId: ConversationId, state: 'accepted' | 'declined' | 'blocked') {
    const params = { conversationId }
    return this.call(chatRequests.answerConversation, { params, body: { state } })
  }
}

/** A person with a new account and one device that has published everything. */
export async function signUp(
  server: ServerUnderTest,
  name: string,
  options: { withRsa?: boolean; device?: string } = {},
): Promise<RawDevice> {
  const device = await RawDevice.create(server, { name: options.device ?? 'a device' })
  const phone = server.newPhone()
  const { account_id: accountId } = await device.logIn(phone)
  device.account = await RawAccount.create({ accountId, phone, name }, options)
  await device.publishAll()
  return device
}

/** Another device of the same person, enrolled. */
export async function addDevice(first: RawDevice): Promise<RawDevice> {
  const device = await RawDevice.create(first.server)
  await device.logIn(first.account.phone)
  device.account = first.account
  await device.enroll()
  return device
}

/** An envelope that no client could open, which makes no difference to a server. */
export function opaqueEnvelope(
  conversationId: ConversationId,
  changes: Partial<NewEnvelope> = {},
): NewEnvelope {
  const random = crypto.getRandomValues(new Uint8Array(48))
  return {
    id: EnvelopeId.parse(crypto.randomUUID()),
    conversationId,
    kind: 'message',
    ciphertext: `eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..${encodeBase64url(random)}`,
    ...changes,
  }
}

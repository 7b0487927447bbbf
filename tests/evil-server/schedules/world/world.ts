import { type AccountKeys, encodeBase64url } from '@sotto/crypto'
import { ClientError } from '@sotto/sdk'
import {
  type AccountId,
  ConversationId,
  DeviceId,
  type SessionId,
  type StoredEnvelope,
} from '@sotto/wire'
import { EvilServer } from '../server/evil-server.ts'
import type { ServerState, SessionState } from '../server/server-state.ts'
import { Device } from './device.ts'
import type { Disk } from './disk.ts'
import { type ForgerKeys, type Forgery, makeForgerKeys } from './forger.ts'
import { Ledger } from './ledger.ts'
import type { VirtualTime } from './virtual-time.ts'

const DEVICES_EACH = 2
const FORGERS = 2
const RSA_KEYS = 16

/** A person with two devices. */
export interface Person {
  readonly name: string
  readonly phone: string
  accountId: AccountId
  /** The codes on paper, latest last: the code for keys that the server didn't accept opens nothing. */
  recoveryCodes: string[]
}

/** Private keys that a person has abandoned: a thief with a stolen device has them. */
export interface GivenUp {
  readonly account: AccountId
  readonly identityKey: string
  readonly keys: AccountKeys
}

/** Everything that a schedule acts on. */
export interface World {
  readonly time: VirtualTime
  readonly server: EvilServer
  readonly people: readonly [Person, Person]
  /** The devices of the first person, then those of the second. */
  readonly devices: readonly Device[]
  readonly forgers: readonly ForgerKeys[]
  readonly forgeries: Forgery[]
  readonly givenUp: GivenUp[]
  readonly ledger: Ledger
  /** Earlier states of the server. */
  readonly snapshots: ServerState[]
}

/**
 * A prepared world that is copied for each schedule, because signing up takes longer than a
 * schedule.
 */
export interface Template {
  readonly state: ServerState
  readonly sessions: Map<SessionId, SessionState>
  readonly disks: readonly Disk[]
  readonly people: readonly [Person, Person]
  readonly forgers: readonly ForgerKeys[]
  readonly ledger: Ledger
  readonly genuine: readonly StoredEnvelope[]
  readonly rsaKeysTaken: number
}

const ownerOf = (device: number): 0 | 1 => (device < DEVICES_EACH ? 0 : 1)

export function accountOf({ people }: World, device: number): AccountId {
  return people[ownerOf(device)].accountId
}

export function peerOf({ people }: World, device: number): AccountId {
  return people[ownerOf(device) === 0 ? 1 : 0].accountId
}

/** Makes the world that all schedules start with: two people with four conversations. */
export async function makeTemplate(time: VirtualTime): Promise<Template> {
  await time.makeRsaKeys(RSA_KEYS)
  time.reset(0, 0)
  const forgers: ForgerKeys[] = []
  for (let n = 0; n < FORGERS; n++) forgers.push(await time.run(makeForgerKeys()))

  const state = { era: '0'.repeat(16), clock: 0, accounts: new Map(), conversations: new Map() }
  const sessions = new Map<SessionId, SessionState>()
  const server = new EvilServer({ state, sessions }, time.now)
  const person = (name: string, phone: string): Person => {
    return { name, phone, accountId: '' as AccountId, recoveryCodes: [] }
  }
  const people = [person('Alice', '+4915100001'), person('Bob', '+4915100002')] as const
  const devices = people.flatMap(({ name }, n) =>
    Array.from({ length: DEVICES_EACH }, (_, m) => {
      const index = n * DEVICES_EACH + m
      return new Device({ name: `${name} ${m + 1}`, index }, { time, server })
    }),
  )
  const ledger = new Ledger()
  const world: World = {
    time,
    server,
    people,
    devices,
    forgers,
    forgeries: [],
    givenUp: [],
    ledger,
    snapshots: [],
  }
  for (const device of devices) await signUp(world, device)
  await beginToTalk(world)
  for (const device of devices) device.crash()
  await time.pass(60_000)
  return {
    state,
    sessions,
    disks: devices.map(({ disk }) => disk),
    people,
    forgers,
    ledger,
    genuine: server.genuine,
    rsaKeysTaken: time.rsaKeysTaken,
  }
}

/** A separate world for one schedule. */
export function copyOf(template: Template, time: VirtualTime, seed: number): World {
  time.reset(seed, template.rsaKeysTaken)
  const { forgers } = template
  const people = structuredClone(template.people)
  const { state, sessions } = structuredClone({
    state: template.state,
    sessions: template.sessions,
  })
  const server = new EvilServer({ state, sessions }, time.now)
  server.genuine.push(...template.genuine)
  const devices = template.disks.map((disk, index) => {
    const name = `${people[ownerOf(index)].name} ${(index % DEVICES_EACH) + 1}`
    return new Device({ name, index }, { time, server, disk: disk.copy() })
  })
  const ledger = new Ledger(template.ledger)
  const snapshots = [structuredClone(state)]
  return { time, server, people, devices, forgers, forgeries: [], givenUp: [], ledger, snapshots }
}

/** Logs a person in on a device, and opens the keys with the recovery code where required. */
export async function enter(world: World, device: Device): Promise<void> {
  const person = world.people[ownerOf(device.index)]
  await device.command(async ({ startPhone, verifyPhone }) => {
    const { challengeId } = await startPhone(person.phone)
    await verifyPhone(challengeId, '123456')
  })
}

/** Types the latest recovery code, and then earlier ones if that opens nothing. */
export async function unlock({ people, server }: World, device: Device): Promise<void> {
  const { recoveryCodes } = people[ownerOf(device.index)]
  server.damagedWraps.delete(device.index)
  for (const code of recoveryCodes.toReversed()) {
    const told = await device.command((commands) => commands.unlockWithRecoveryCode(code))
    const isBlamed = told instanceof ClientError && told.code === 'recovery_code_wrong'
    if (!isBlamed) break
    // If there are several codes, one may well be wrong.
    if (recoveryCodes.length === 1 && server.damagedWraps.has(device.index)) {
      device.note('a right code is called wrong, because the wraps are damaged')
    }
  }
}

/** Writes down a new recovery code, and types the requested part. */
export async function noteCode({ people }: World, device: Device): Promise<void> {
  const session = device.session()
  if (session.stage !== 'confirm_recovery') return
  const { recoveryCode, askedGroup } = session
  const { recoveryCodes } = people[ownerOf(device.index)]
  if (!recoveryCodes.includes(recoveryCode)) recoveryCodes.push(recoveryCode)
  const group = recoveryCode.split('-')[askedGroup - 1] ?? ''
  await device.command((commands) => commands.confirmRecovery(group))
}

/** The person's other device is stolen, so this one gives the account new keys. */
export async function renewKeys(world: World, device: Device): Promise<void> {
  const { devices, givenUp } = world
  const other = devices.find((one) => one !== device && isOfSamePerson(one, device))
  const stolen = other && loggedInAs(other)
  const keys = device.disk.get('keys', 'account') as AccountKeys | undefined
  if (!device.isReady || !keys || stolen === undefined) return
  const identityKey = encodeBase64url(keys.identity.publicKey)
  givenUp.push({ account: accountOf(world, device.index), identityKey, keys })
  await device.command((commands) => commands.deviceStolen(DeviceId.parse(stolen)))
  await noteCode(world, device)
}

function isOfSamePerson(one: Device, other: Device): boolean {
  return ownerOf(one.index) === ownerOf(other.index)
}

async function signUp(world: World, device: Device): Promise<void> {
  const { time } = world
  const person = world.people[ownerOf(device.index)]
  await time.run(device.open())
  await time.run(enter(world, device))
  if (device.session().stage === 'needs_profile') {
    const profile = { name: person.name, picture: null, withRsa: true }
    await time.run(device.command((commands) => commands.createProfile(profile)))
    const session = device.session()
    if (session.stage !== 'confirm_recovery') throw new Error('no recovery code')
    person.accountId = session.accountId
    await time.run(noteCode(world, device))
  } else await time.run(unlock(world, device))
  await time.pass(1_000)
  if (!device.isReady) throw new Error(`${device.name} is ${device.session().stage}`)
}

async function beginToTalk(world: World): Promise<void> {
  const { time, server, people, devices } = world
  const [alice, bob] = people
  const [first] = devices
  const answering = devices[DEVICES_EACH]
  if (!first || !answering) throw new Error('no devices')
  for (const protocol of ['ecdh', 'rsa'] as const) {
    const id = await time.run(
      first.command((commands) => commands.startConversation(bob.accountId, protocol)),
    )
    await time.pass(1_000)
    if (typeof id !== 'string') throw new Error('no conversation')
    const isRequest = server.honest
      .conversation(alice.accountId, id)
      .participants.some(({ state }) => state === 'requested')
    if (isRequest) {
      await time.run(answering.command(({ answerRequest }) => answerRequest(id, 'accepted')))
    }
    await time.pass(1_000)
  }
  // Two that only a dishonest server would start; nothing prevents that.
  for (const protocol of ['ecdh', 'rsa'] as const) {
    const id = ConversationId.parse(crypto.randomUUID())
    const pair = [alice.accountId, bob.accountId] as const
    server.honest.addConversation(id, protocol, pair)
  }
  for (const device of devices) void device.command((commands) => commands.reconnect())
  await time.pass(10_000)
  for (const device of devices) {
    for (const { id } of device.conversations()) {
      await write(world, device, id)
      await time.pass(1_000)
    }
  }
}

/** The person writes in a conversation, and remembers what and to whom. */
export async function write(world: World, device: Device, id: ConversationId): Promise<void> {
  const { ledger } = world
  const author = accountOf(world, device.index)
  const text = ledger.newText(device.name)
  const before = pinOn(world, device)
  const told = device.command((commands) => commands.send(id, text))
  const entry = { text, author, device: device.index, conversation: id }
  const writtenTo = new Set(before === undefined ? [] : [before])
  void told.then((message) => {
    // A message that the client refused was never written.
    if (typeof message !== 'string') return
    const after = pinOn(world, device)
    if (after !== undefined) writtenTo.add(after)
    ledger.note({ ...entry, writtenTo })
  })
  await world.time.work(0)
}

/** The identity key that a device has pinned for the contact. */
export function pinOn(world: World, { disk, index }: Device): string | undefined {
  const contact = disk.get('contacts', peerOf(world, index)) as { identityKey?: string } | undefined
  return contact?.identityKey
}

/** The id under which a device has logged in. */
export function loggedInAs({ disk }: Device): string | undefined {
  return (disk.get('account', 'login') as { deviceId?: string } | undefined)?.deviceId
}

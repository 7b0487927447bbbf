import type { ConversationId } from '@sotto/wire'
import { acts } from './acts.ts'
import { beginEra, deeds, genuineOf } from './deeds.ts'
import { diceFrom } from './dice.ts'
import { findViolation, inWords, type Violation } from './invariants.ts'
import { lieMakers } from './lies/lies.ts'
import { inOneLine, type Step } from './schedule.ts'
import type { ConversationState, ServerState } from './server/server-state.ts'
import type { Device } from './world/device.ts'
import type { VirtualTime } from './world/virtual-time.ts'
import {
  copyOf,
  enter,
  noteCode,
  pinOn,
  type Template,
  unlock,
  type World,
  write,
} from './world/world.ts'

const TALK = 'an honest server lets people talk'
const IN_THE_END_MS = 130_000

/** Unhandled rejections since the last check. */
const unhandled: unknown[] = []

export function watchRejections(): void {
  process.on('unhandledRejection', (reason) => unhandled.push(reason))
}

interface Run {
  readonly seed: number
  readonly steps: readonly Step[]
  /** Invariants to skip, in order to find what a known failure hides. */
  readonly ignored: readonly string[]
  /** Called after each step. */
  readonly trace?: (step: string, world: World) => void
}

/**
 * Runs a schedule from the same initial state; returns the first invariant that it breaks, or
 * undefined.
 */
export async function runSchedule(
  template: Template,
  time: VirtualTime,
  { seed, steps, ignored, trace }: Run,
): Promise<Violation | undefined> {
  unhandled.length = 0
  const world = copyOf(template, time, seed)
  for (const device of world.devices) await time.run(device.open())
  await time.pass(2_000)
  watch(world)
  for (const [place, step] of steps.entries()) {
    await take(world, step)
    trace?.(inOneLine(step), world)
    const violation = await look(world, ignored)
    if (violation) return { ...violation, after: place }
  }
  const violation = await endWell(world, ignored)
  trace?.('the end', world)
  return violation
}

async function look(world: World, ignored: readonly string[]): Promise<Violation | undefined> {
  const [reason] = unhandled
  if (reason !== undefined)
    return { invariant: 'no unhandled rejection', what: String((reason as Error).stack ?? reason) }
  return world.time.run(findViolation(world, ignored))
}

async function take(world: World, step: Step): Promise<void> {
  const { time, devices, server } = world
  const device = devices[step.device]
  const dice = diceFrom(step.seed)
  if (step.kind === 'act' && device) void acts[step.name]?.(world, device, dice)
  if (step.kind === 'deed') await time.run(Promise.resolve(deeds[step.name]?.(world, dice)))
  if (step.kind === 'lie') {
    const isFor = (one: number) => step.devices.includes(one)
    const lie = await time.run(Promise.resolve(lieMakers[step.name]?.(world, dice, isFor)))
    if (lie) server.lies.push(lie)
  }
  if (step.kind === 'truth') server.lies.splice(0)
  if ('ms' in step.wait) await time.pass(step.wait.ms)
  else await time.work(step.wait.operations)
  watch(world)
}

/** Makes every device open its conversations. */
function watch({ devices }: World): void {
  for (const device of devices) {
    for (const { id } of device.conversations()) {
      device.client?.subscribe({ view: 'timeline', conversationId: id }, () => {})
    }
  }
}

/** From here on the server is honest: it has recovered what it had lost, and people can talk. */
async function endWell(world: World, ignored: readonly string[]): Promise<Violation | undefined> {
  const { time, server, devices } = world
  server.lies.splice(0)
  server.offline.clear()
  await time.pass(1_000)
  restoreTruth(world)
  for (const device of devices) {
    await Promise.race([time.run(device.open()).catch(() => {}), time.pass(100)])
  }
  await time.pass(IN_THE_END_MS)
  for (const device of devices) {
    void (async () => {
      if (device.session().stage === 'signed_out') await enter(world, device)
      if (device.session().stage === 'locked') await unlock(world, device)
      await noteCode(world, device)
    })()
    await time.pass(5_000)
  }
  await time.pass(IN_THE_END_MS)
  watch(world)
  await time.pass(1_000)
  const violation = await look(world, ignored)
  return violation ?? talkAgain(world, ignored)
}

function restoreTruth({ server, snapshots }: World): void {
  const { state } = server.honest
  for (const snapshot of snapshots) mergeAccounts(state, snapshot)
  for (const conversation of state.conversations.values()) {
    const log = genuineOf(server, conversation.id)
    conversation.log = log.map((one, i) => ({ ...one, seq: i + 1 }))
    conversation.participants = conversation.participants.map((one) => ({
      ...one,
      deliveredSeq: Math.min(one.deliveredSeq, log.length),
      readSeq: Math.min(one.readSeq, log.length),
    }))
  }
  beginEra(state)
}

/** Merges the newest boxes and records, and all devices. */
function mergeAccounts(state: ServerState, other: ServerState): void {
  for (const account of state.accounts.values()) {
    const before = other.accounts.get(account.accountId)
    if (!before) continue
    for (const name of ['keys', 'contacts'] as const) {
      const [mine, theirs] = [account.boxes[name], before.boxes[name]]
      if (theirs && theirs.version > (mine?.version ?? 0)) account.boxes[name] = theirs
    }
    const isNewer = (before.published?.version ?? 0) > (account.published?.version ?? 0)
    if (isNewer) account.published = before.published
    if ((before.manifest?.version ?? 0) > (account.manifest?.version ?? 0))
      account.manifest = before.manifest
    const known = new Set(account.devices.map(({ deviceId }) => deviceId))
    account.devices.push(...before.devices.filter(({ deviceId }) => !known.has(deviceId)))
  }
}

/** Every device that is ready and has the right pins writes, and all other such devices must show the message. */
async function talkAgain(world: World, ignored: readonly string[]): Promise<Violation | undefined> {
  const { time, devices, server, ledger } = world
  const trusted = devices.filter((device) => hasRightPin(world, device.index))
  const before = new Set(ledger.written.keys())
  for (const conversation of server.honest.state.conversations.values()) {
    if (!devices.every((device) => isKnownRightly(device, conversation))) continue
    for (const writer of trusted) {
      if (isOpenOn(writer, conversation.id)) await write(world, writer, conversation.id)
    }
  }
  await time.pass(30_000)
  for (const { text, conversation } of ledger.written.values()) {
    const readers = before.has(text) ? [] : trusted.filter((one) => isOpenOn(one, conversation))
    const blind = readers.find((reader) => !isShown(reader.items(conversation), text))
    if (!blind || ignored.includes(TALK)) continue
    const shown = blind.items(conversation).slice(-5).map(inWords).join(' | ')
    return { invariant: TALK, what: `"${text}" is not shown on ${blind.name}: ${shown}` }
  }
  return look(world, ignored)
}

/** A conversation's protocol is permanent, so a lie about it at first contact lasts. */
function isKnownRightly(device: Device, { id, protocol }: ConversationState): boolean {
  return device.conversations().every((known) => known.id !== id || known.protocol === protocol)
}

function isOpenOn(device: Device, conversation: ConversationId): boolean {
  return device.conversations().some(({ id, state }) => id === conversation && state === 'open')
}

function isShown(items: ReturnType<Device['items']>, text: string): boolean {
  return items.some((item) => item.kind === 'message' && item.text === text && item.seq !== null)
}

function hasRightPin(world: World, index: number): boolean {
  const device = world.devices[index]
  if (!device?.isReady) return false
  const { people } = world
  const peer = people[index < 2 ? 1 : 0]
  const contact = device.contacts().find(({ accountId }) => accountId === peer.accountId)
  const ofPeer = world.devices[index < 2 ? 2 : 0]
  const keys = ofPeer?.disk.get('account', 'own') as { record: { identityKey: string } } | undefined
  return contact?.trust !== 'key_changed' && pinOn(world, device) === keys?.record.identityKey
}

import {
  type AccountKeys,
  decodeBase64url,
  decryptRsa,
  derivePairwiseKeys,
  encodeBase64url,
  openMessageEcdh,
  type PairwiseKeys,
} from '@sotto/crypto'
import type { Message, TimelineNotice } from '@sotto/sdk'
import type { AccountId, ConversationId } from '@sotto/wire'
import type { Sent } from './server/evil-server.ts'
import type { Device } from './world/device.ts'
import { accountOf, peerOf, type World } from './world/world.ts'

/** An invariant that a schedule has broken. */
export interface Violation {
  readonly invariant: string
  readonly what: string
  /** The index of the step after which it was seen. */
  readonly after?: number
}

/** Checks everything once; returns the first invariant that does not hold. */
export async function findViolation(
  world: World,
  ignored: readonly string[],
): Promise<Violation | undefined> {
  notePins(world)
  const found = [
    ...world.devices.flatMap((device) => [
      failureOf(device),
      shownWrongly(world, device),
      lost(world, device),
      lostKeys(device),
    ]),
    await readable(world),
  ]
  return found.find((one) => one && !ignored.includes(one.invariant))
}

function failureOf({ failures }: Device): Violation | undefined {
  const [failure] = failures
  if (!failure) return undefined
  const { device, what, error } = failure
  return {
    invariant: 'no crash',
    what: `${device}: ${what} ${(error as Error | undefined)?.stack ?? error ?? ''}`,
  }
}

function notePins(world: World): void {
  for (const { disk, index } of world.devices) {
    for (const value of disk.values('contacts')) {
      const { accountId, identityKey } = value as { accountId: AccountId; identityKey: string }
      world.ledger.notePinned(accountOf(world, index), accountId, identityKey)
    }
  }
}

// ------------------------------------------------------------------------------------ what is shown

/** Each text must be shown at most once, where it was written, as from its writer, and in its device's order. */
function shownWrongly(world: World, device: Device): Violation | undefined {
  if (!device.isReady) return undefined
  for (const { id } of device.conversations()) {
    const found = timelineViolation(world, device, id)
    if (found) return found
  }
  return undefined
}

function timelineViolation(world: World, device: Device, id: ConversationId) {
  const { ledger } = world
  const items = device.items(id)
  const seen = new Set<string>()
  const violation = (invariant: string, { text }: Message): Violation => {
    const shown = items.map(inWords).join(' | ')
    return { invariant, what: `"${text}" on ${device.name} in ${id}: ${shown}` }
  }
  const highest = new Map<number, number>()
  const waiting = new Set<string>()
  for (const value of device.disk.values('outbox')) collectTexts(value, waiting)
  let noticed = new Set<number>()
  for (const item of items) {
    if (item.kind !== 'message') {
      noticed = new Set(highest.keys())
      continue
    }
    const written = ledger.written.get(item.text)
    // The test records it a moment after the client stores it.
    if (!written) continue
    if (seen.has(item.text)) return violation('nothing is shown twice', item)
    seen.add(item.text)
    ledger.shownOn(device.index).add(item.text)
    if (written.conversation !== id) return violation('nothing is shown in a wrong place', item)
    const isMine = written.author === accountOf(world, device.index)
    if (isMine !== item.mine) return violation('nothing is shown as of another', item)
    if (written.forgedBy !== undefined && !isBelieved(world, device, written.forgedBy, isMine)) {
      return violation('nothing forged is shown', item)
    }
    const writer = written.device
    // Accepted messages that have not been seen in the log yet come after it.
    if (writer === null || item.seq === null || waiting.has(item.text)) continue
    const before = highest.get(writer) ?? 0
    if (written.order < before && !noticed.has(writer)) {
      return violation('the order of a device is kept, or a notice says otherwise', item)
    }
    noticed.delete(writer)
    highest.set(writer, Math.max(before, written.order))
  }
  return undefined
}

/** Whether the person has accepted the forger's key as the contact's. People never accept one as their own. */
function isBelieved(world: World, { index }: Device, identityKey: string, isMine: boolean) {
  const pinned = world.ledger.pinnedBy(accountOf(world, index), peerOf(world, index))
  return !isMine && pinned.has(identityKey)
}

/** A short text for an item of a timeline. */
export function inWords(item: Message | TimelineNotice): string {
  if (item.kind === 'message') return `${item.seq} ${item.text} (${item.status})`
  return item.kind === 'unreadable' ? `[${item.reason}]` : `[${item.kind}]`
}

// ------------------------------------------------------------------------------------ what is kept

/** Texts that were written or shown on a device must be kept there. */
function lost(world: World, device: Device): Violation | undefined {
  const kept = new Set<string>()
  for (const value of device.disk.values('log', 'outbox')) collectTexts(value, kept)
  for (const written of world.ledger.written.values()) {
    const { text, isDiscarded } = written
    const isOwn = written.device === device.index
    const wasHere = isOwn || world.ledger.shownOn(device.index).has(text)
    if (!wasHere || isDiscarded || kept.has(text)) continue
    return { invariant: 'nothing is lost', what: `"${text}" is no longer on ${device.name}` }
  }
  return undefined
}

function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  for (const [name, member] of Object.entries(value)) {
    if (name === 'body' && typeof member === 'string') into.add(member)
    else collectTexts(member, into)
  }
}

/** The account keys and the root secret of a device must be somewhere in its storage. */
function lostKeys({ disk, name }: Device): Violation | undefined {
  const keys = new Set<string>()
  for (const value of disk.values('keys', 'account')) collectKeys(value, keys)
  const known = keptKeys.get(disk) ?? new Set<string>()
  keptKeys.set(disk, known)
  const current = disk.get('keys', 'account') as AccountKeys | undefined
  if (current) collectKeys(current, known)
  // Keys that this device abandoned itself, so that it no longer signs anything with them. Messages to them still open.
  const own = disk.get('account', 'own') as { formerIdentityKeys?: string[] } | undefined
  for (const key of own?.formerIdentityKeys ?? []) known.delete(`identity ${key}`)
  const secret = disk.get('keys', 'root-secret')
  if (secret) {
    for (const one of known) if (one.startsWith('secret')) known.delete(one)
    known.add(`secret ${Buffer.from(secret as Uint8Array).toString('hex')}`)
  }
  for (const one of known) {
    if (keys.has(one)) continue
    return { invariant: 'no keys are lost', what: `${one.split(' ')[0]} is no longer on ${name}` }
  }
  return undefined
}

const keptKeys = new WeakMap<object, Set<string>>()

function collectKeys(value: unknown, into: Set<string>): void {
  if (value instanceof Uint8Array) into.add(`secret ${Buffer.from(value).toString('hex')}`)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if ('identity' in value && 'ecdh' in value) {
    const { identity, ecdh } = value as AccountKeys
    into.add(`identity ${encodeBase64url(identity.publicKey)}`)
    for (const { publicKey } of ecdh) into.add(`ecdh ${encodeBase64url(publicKey as never)}`)
    return
  }
  for (const member of Object.values(value)) collectKeys(member, into)
}

// -------------------------------------------------------------------------------- who can read what

interface Identity {
  readonly account: AccountId
  readonly identityKey: string
  readonly keys: AccountKeys
}

const checked = new WeakMap<World, number>()

/** No ciphertext that ever left a device may open with keys that it was not written to. */
async function readable(world: World): Promise<Violation | undefined> {
  const { sent } = world.server
  const others = identities(world)
  for (let place = checked.get(world) ?? 0; place < sent.length; place++) {
    const one = sent[place] as Sent
    for (const identity of others) {
      const text = await openAs(world, identity, one)
      const written = text === undefined ? undefined : world.ledger.written.get(text)
      if (!written || written.writtenTo.has(identity.identityKey)) continue
      if (isOwn(world, one.device, identity)) continue
      const whose = isForged(world, identity) ? "a forger's" : 'another'
      const what = `"${text}" from ${world.devices[one.device]?.name} opens with ${whose} key`
      return { invariant: 'nobody reads what was not written to them', what }
    }
  }
  checked.set(world, sent.length)
  return undefined
}

function identities({ forgeries, devices, people, givenUp }: World): Identity[] {
  const all = new Map<string, Identity>()
  for (const one of givenUp) all.set(`${one.account} ${one.identityKey}`, one)
  for (const { accountId: account, identityKey, forger } of forgeries) {
    all.set(`${account} ${identityKey}`, { account, identityKey, keys: forger.keys })
  }
  for (const { disk, index } of devices) {
    const keys = disk.get('keys', 'account') as AccountKeys | undefined
    const account = people[index < 2 ? 0 : 1].accountId
    if (!keys) continue
    const identityKey = encodeBase64url(keys.identity.publicKey)
    all.set(`${account} ${identityKey}`, { account, identityKey, keys })
  }
  return [...all.values()]
}

function isForged({ forgeries }: World, { identityKey }: Identity): boolean {
  return forgeries.some((forgery) => forgery.identityKey === identityKey)
}

/** The writer's own genuine keys. */
function isOwn(world: World, device: number, identity: Identity): boolean {
  return identity.account === accountOf(world, device) && !isForged(world, identity)
}

async function openAs(world: World, { keys }: Identity, { device, envelope }: Sent) {
  const { ciphertext, conversationId } = envelope
  if (ciphertext.startsWith('{')) {
    const opened = await decryptRsa(keys.rsa, ciphertext).catch(() => undefined)
    return opened && textIn(opened.plaintext, world)
  }
  const own = world.devices[device]?.disk.get('keys', 'account') as AccountKeys | undefined
  for (const { publicKey } of own?.ecdh ?? []) {
    const { receiving } = await pairwise(world, keys, publicKey, conversationId)
    const content = await openMessageEcdh(receiving, ciphertext).catch(() => undefined)
    if (content) return content.text
  }
  return undefined
}

const derived = new WeakMap<World, Map<string, Promise<PairwiseKeys>>>()

function pairwise(
  world: World,
  { ecdh: [own] }: AccountKeys,
  peer: Uint8Array,
  conversation: ConversationId,
): Promise<PairwiseKeys> {
  const known = derived.get(world) ?? new Map<string, Promise<PairwiseKeys>>()
  derived.set(world, known)
  const name = `${encodeBase64url(own.publicKey)} ${encodeBase64url(peer as never)} ${conversation}`
  const made =
    known.get(name) ??
    derivePairwiseKeys(own, decodeBase64url(encodeBase64url(peer as never)), conversation)
  known.set(name, made)
  return made
}

/** The text inside an opened `rsa` message. A thief who reads it doesn't care about its signature. */
function textIn(plaintext: Uint8Array, { ledger }: World): string | undefined {
  const readable_ = Buffer.from(plaintext).toString('latin1')
  return [...ledger.written.keys()].findLast((text) => readable_.includes(`${text}\0`))
}

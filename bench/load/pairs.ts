import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerFrame, StoredEnvelope } from '@sotto/wire'
import { type Account, signUpMany, startConversation } from './accounts.ts'
import { forEachAtOnce } from './at-once.ts'
import { Device } from './device.ts'
import { callForText } from './http.ts'
import { Line, type Reader } from './ledger.ts'
import type { Topology } from './topology.ts'

const DRAIN_WITHIN_MS = 10_000

/**
 * Sealed messages of 256 bytes, as far as the server can tell. There are several, so that none is
 * cached.
 */
const ciphertexts = Array.from({ length: 256 }, () => randomBytes(192).toString('base64url'))
let used = 0

/** Random bytes of the size of an envelope, in a valid form. */
export function nextCiphertext(): string {
  used += 1
  return ciphertexts[used % ciphertexts.length] ?? ''
}

/** A writer and a reader in a separate conversation, each with one connection. */
export interface Pair {
  readonly sender: Account
  readonly receiver: Account
  readonly line: Line
  readonly reader: Reader
  readonly devices: readonly [Device, Device]
  /** Called for each verdict and each envelope that becomes readable. */
  onDecided: () => void
  onShown: (latencyMs: number) => void
}

/** Signs up people and connects them in pairs. */
export async function startPairs(topology: Topology, count: number): Promise<Pair[]> {
  const accounts = await signUpMany(topology, 2 * count)
  const pairs: Pair[] = []
  await forEachAtOnce(8, accounts.slice(0, count), async (sender, index) => {
    const receiver = accounts[count + index] as Account
    pairs.push(await startPair(topology, sender, receiver))
  })
  return pairs
}

async function startPair(topology: Topology, sender: Account, receiver: Account): Promise<Pair> {
  const line = new Line(await startConversation(topology, sender, receiver))
  const devices = [
    await Device.connect(topology, sender),
    await Device.connect(topology, receiver),
  ] as const
  const reader = line.addReader()
  const pair: Pair = {
    sender,
    receiver,
    line,
    reader,
    devices,
    onDecided: () => {},
    onShown: () => {},
  }
  devices[0].onFrame = (frame) => recordVerdicts(pair, frame)
  devices[1].onFrame = (frame) => recordEnvelopes(pair, frame)
  return pair
}

/** Sends a pair's next envelope. */
export function sendNext({ line, devices }: Pair): void {
  const { conversationId } = line
  devices[0].send({ id: line.next(), conversationId, ciphertext: nextCiphertext() })
}

function recordVerdicts(pair: Pair, frame: ServerFrame) {
  if (frame.type !== 'verdicts') return
  for (const verdict of frame.verdicts) {
    pair.line.decided(verdict)
    pair.onDecided()
  }
}

function recordEnvelopes({ line, reader, onShown }: Pair, frame: ServerFrame) {
  if (frame.type !== 'envelopes') return
  const now = performance.now()
  for (const envelope of frame.envelopes) {
    if (envelope.conversationId !== line.conversationId) continue
    reader.apply(envelope, (number) => onShown(line.ageOf(number, now)))
  }
}

/** Waits until everything that was sent is decided and received; reads what no push delivered. */
export async function drain(topology: Topology, pairs: readonly Pair[]): Promise<void> {
  const deadline = performance.now() + DRAIN_WITHIN_MS
  const isDrained = ({ line, reader }: Pair) =>
    line.accepted === line.sent && reader.received === line.sent
  while (!pairs.every(isDrained) && performance.now() < deadline) await sleep(5)
  for (const pair of pairs) if (!isDrained(pair)) await readRest(topology, pair)
}

async function readRest({ origin }: Topology, { line, reader, receiver }: Pair) {
  for (;;) {
    const path = `/conversations/${line.conversationId}/envelopes?after=${reader.lastSeq}&limit=100`
    const text = await callForText(origin, { method: 'GET', path, token: receiver.token })
    const { envelopes } = JSON.parse(text) as { envelopes: StoredEnvelope[] }
    for (const envelope of envelopes) reader.apply(envelope, () => {})
    if (envelopes.length === 0) return
  }
}

/** Closes every connection. */
export async function endPairs(pairs: readonly Pair[]): Promise<void> {
  await Promise.all(pairs.flatMap(({ devices }) => devices.map((device) => device.close())))
}

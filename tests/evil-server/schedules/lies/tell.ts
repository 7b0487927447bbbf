import type { Conversation, PublishedAccount, StoredEnvelope } from '@sotto/wire'
import type { Call, Connection, Lie, Told } from '../server/evil-server.ts'

/** The parts of an answer or a frame that a lie may change. */
export interface Changes {
  account?(account: PublishedAccount): PublishedAccount
  conversation?(conversation: Conversation): Conversation
  /** A list of envelopes, which may be just a conversation's last one. */
  envelopes?(envelopes: readonly StoredEnvelope[]): readonly unknown[]
}

/** A copy of `told` with the changes made wherever they apply, whatever the endpoint or frame. */
function changed(told: unknown, changes: Changes): unknown {
  if (Array.isArray(told)) {
    const isLog = told.length > 0 && told.every(isEnvelope)
    if (isLog && changes.envelopes) return changes.envelopes(told)
    return told.map((one) => changed(one, changes))
  }
  if (typeof told !== 'object' || told === null) return told
  if (isAccount(told)) return changes.account?.(told) ?? told
  const members = Object.entries(told).map(([name, value]) => {
    if (name === 'lastEnvelope' && isEnvelope(value)) {
      return [name, changes.envelopes?.([value]).at(-1) ?? (changes.envelopes ? null : value)]
    }
    return [name, changed(value, changes)]
  })
  const copy = Object.fromEntries(members)
  return isConversation(copy) ? (changes.conversation?.(copy) ?? copy) : copy
}

/** A lie that changes the answers and frames of some devices. */
export function changing(
  name: string,
  isFor: (device: number) => boolean,
  changes: Changes,
  isAbout: (what: string) => boolean = () => true,
): Lie {
  return {
    name,
    answer: (told, call) =>
      isFor(call.device) && isAbout(call.name) ? changedBody(told, changes) : told,
    toDevice: (frame, { device }) =>
      isFor(device) && isAbout('frame') ? [changed(frame, changes)] : [frame],
  }
}

/** A lie about the answers to some requests. */
export function answering(
  name: string,
  isFor: (device: number) => boolean,
  answer: (told: Told, call: Call) => Told,
): Lie {
  return { name, answer: (told, call) => (isFor(call.device) ? answer(told, call) : told) }
}

/** A lie about the frames to some devices. */
export function framing(
  name: string,
  isFor: (device: number) => boolean,
  toDevice: (frame: unknown, connection: Connection) => unknown[],
): Lie {
  return {
    name,
    toDevice: (frame, connection) =>
      isFor(connection.device) && typeOf(frame) !== 'authenticated'
        ? toDevice(frame, connection)
        : [frame],
  }
}

/** The body of a success after the changes. */
function changedBody(told: Told, changes: Changes): Told {
  if (!isSuccess(told)) return told
  return { status: told.status, body: changed(told.body, changes) }
}

export function isSuccess(told: Told): told is { status: number; body: object } {
  return typeof told === 'object' && told.status < 400 && typeof told.body === 'object'
}

export function typeOf(frame: unknown): string {
  return typeof frame === 'object' && frame !== null && 'type' in frame ? String(frame.type) : ''
}

function isEnvelope(value: unknown): value is StoredEnvelope {
  return typeof value === 'object' && value !== null && 'ciphertext' in value && 'seq' in value
}

function isAccount(value: object): value is PublishedAccount {
  return 'record' in value && 'devices' in value && 'pastRecords' in value
}

function isConversation(value: object): value is Conversation {
  return 'protocol' in value && 'participants' in value && 'lastSeq' in value
}

import type { ConversationId, EnvelopeId } from '@sotto/wire'

/** When the server reported a message as accepted, and its place in the log according to the server. */
export interface Acceptance {
  readonly seq: number
  /** On the monotonic clock, in milliseconds. */
  readonly at: number
}

/** The messages that one device writes in one conversation, numbered from 0. */
export interface Line {
  readonly name: string
  readonly conversationId: ConversationId
  /** The devices of every participant, including the sender's own, by name. */
  readonly readers: readonly string[]
  readonly ids: EnvelopeId[]
  readonly sentAt: number[]
  readonly accepted: Map<number, Acceptance>
}

/** One message as a device shows it. */
export interface Shown {
  readonly seq: number
  readonly text: string
}

/** What devices were promised and what they show, recorded independently of them. */
export class Ledger {
  readonly lines = new Map<string, Line>()
  /** By device, then by conversation, in display order. */
  readonly shown = new Map<string, Map<ConversationId, Shown[]>>()
  /** The log as a new device finally reads it. */
  readonly logged = new Map<ConversationId, { seq: number; id: EnvelopeId }[]>()
  /** Final refusals: none is expected. */
  readonly refusals: string[] = []
  /** How often each code told a device to send a message again later. */
  readonly heldBack = new Map<string, number>()

  /** Begins a line. Each `name` is used once per run. */
  open(name: string, conversationId: ConversationId, readers: readonly string[]): Line {
    const line = { name, conversationId, readers, ids: [], sentAt: [], accepted: new Map() }
    this.lines.set(name, line)
    return line
  }

  /** Records that the next message of a line is sent; returns its text. */
  send(line: Line, id: EnvelopeId): string {
    const counter = line.ids.push(id) - 1
    line.sentAt.push(performance.now())
    return textOf(line.name, counter)
  }

  /** Records `accepted`. Only the first time counts; a retry gets the same answer. */
  accept(line: Line, counter: number, seq: number): void {
    if (line.accepted.has(counter)) return
    line.accepted.set(counter, { seq, at: performance.now() })
  }

  /** Records a temporary refusal. */
  holdBack(code: string): void {
    this.heldBack.set(code, (this.heldBack.get(code) ?? 0) + 1)
  }

  show(device: string, conversationId: ConversationId, shown: Shown): void {
    const conversations = this.shown.get(device) ?? new Map<ConversationId, Shown[]>()
    this.shown.set(device, conversations)
    const list = conversations.get(conversationId) ?? []
    conversations.set(conversationId, list)
    list.push(shown)
  }

  get sent(): number {
    return [...this.lines.values()].reduce((sum, { ids }) => sum + ids.length, 0)
  }

  get accepted(): number {
    return [...this.lines.values()].reduce((sum, { accepted }) => sum + accepted.size, 0)
  }
}

/** The text of a message: its line and its counter. */
export function textOf(line: string, counter: number): string {
  return `${line}#${counter}`
}

/** The reverse of `textOf`; undefined for a text that no line has written. */
export function parseText(text: string): { line: string; counter: number } | undefined {
  const [, line, digits] = /^([^#]+)#(\d+)$/.exec(text) ?? []
  if (line === undefined) return undefined
  return { line, counter: Number(digits) }
}

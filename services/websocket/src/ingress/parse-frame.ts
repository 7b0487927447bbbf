import {
  ClientFrame,
  ConversationId,
  EnvelopeId,
  MAX_SEND_ENVELOPES,
  NewEnvelope,
} from '@sotto/wire'
import { z } from 'zod'
import type { NamedEnvelope } from '../batching/verdicts.ts'

/**
 * Where a frame is invalid: its type, if it is one of ours, and the path of the field. Never a
 * value.
 */
export interface Fault {
  readonly type?: string
  readonly field?: string
}

/**
 * The result of parsing one text message. If some envelopes of a `send` are malformed, `frame`
 * contains the others, possibly none.
 */
export interface ParsedFrame {
  readonly frame: ClientFrame | undefined
  /** Malformed envelopes whose ids are readable. */
  readonly refused: readonly NamedEnvelope[]
  readonly faults: readonly Fault[]
}

const NONE: readonly never[] = []

/** Parses one text message. Never throws, whatever its nesting. */
export function parseFrame(text: string): ParsedFrame {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return malformed({})
  }
  const result = ClientFrame.safeParse(json)
  if (result.success) return { frame: result.data, refused: NONE, faults: NONE }
  return parseParts(json) ?? malformed({ ...typeOf(json), ...fieldOf(result.error.issues) })
}

function malformed(fault: Fault): ParsedFrame {
  return { frame: undefined, refused: NONE, faults: [fault] }
}

const LooseSend = z.strictObject({
  type: z.literal('send'),
  envelopes: z.array(z.unknown()).min(1).max(MAX_SEND_ENVELOPES),
})
const Named = z.looseObject({ id: EnvelopeId, conversationId: ConversationId })

/** A `send` in which only envelopes are malformed; undefined for everything else. */
function parseParts(json: unknown): ParsedFrame | undefined {
  const send = LooseSend.safeParse(json)
  if (!send.success) return undefined
  const envelopes: NewEnvelope[] = []
  const refused: NamedEnvelope[] = []
  const faults: Fault[] = []
  for (const [index, envelope] of send.data.envelopes.entries()) {
    const parsed = NewEnvelope.safeParse(envelope)
    const named = Named.safeParse(envelope)
    if (parsed.success) envelopes.push(parsed.data)
    else if (named.success) refused.push(named.data)
    else faults.push({ ...typeOf(json), ...fieldOf(parsed.error.issues, ['envelopes', index]) })
  }
  return { frame: { type: 'send', envelopes }, refused, faults }
}

const types: ReadonlySet<unknown> = new Set(
  ClientFrame.options.map(({ shape }) => shape.type.value),
)

function typeOf(json: unknown): Fault {
  const type = typeof json === 'object' && json && 'type' in json ? json.type : undefined
  return typeof type === 'string' && types.has(type) ? { type } : {}
}

function fieldOf(issues: readonly z.core.$ZodIssue[], within: PropertyKey[] = []): Fault {
  const path = [...within, ...(issues[0]?.path ?? [])]
  return path.length > 0 ? { field: path.join('.') } : {}
}

import type { ClientFrame, EnvelopeId, ServerFrame } from '@sotto/wire'
import type { ServerView } from '../api/answers.ts'

type Frame = ServerView['frames'][number]

const MAX_ENVELOPES = 200
const MAX_FRAMES_EACH = 8

/** The frames that carried the latest envelopes, verbatim, for "what the server sees". In memory only. */
export class FrameRecord {
  readonly #frames = new Map<EnvelopeId, Frame[]>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  note(direction: Frame['direction'], frame: ClientFrame | ServerFrame, text: string): void {
    const entry = { direction, at: this.#now(), text }
    for (const id of envelopesIn(frame)) this.#add(id, entry)
  }

  of(id: EnvelopeId): readonly Frame[] {
    return this.#frames.get(id) ?? []
  }

  #add(id: EnvelopeId, frame: Frame): void {
    const frames = [...this.of(id), frame].slice(-MAX_FRAMES_EACH)
    this.#frames.delete(id)
    this.#frames.set(id, frames)
    const [oldest] = this.#frames.keys()
    if (oldest !== undefined && this.#frames.size > MAX_ENVELOPES) this.#frames.delete(oldest)
  }
}

function envelopesIn(frame: ClientFrame | ServerFrame): EnvelopeId[] {
  if (frame.type === 'send' || frame.type === 'envelopes')
    return frame.envelopes.map(({ id }) => id)
  return frame.type === 'verdicts' ? frame.verdicts.map(({ id }) => id) : []
}

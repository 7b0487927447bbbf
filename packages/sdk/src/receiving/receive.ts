import { type ConversationId, MAX_PAGE, type StoredEnvelope } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { TIMELINE_PAGE } from '../conversations/log.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import { readPage, sorted, withoutHole } from './read-page.ts'
import {
  type Accepted,
  append,
  appendAccepted,
  prepend,
  type ReceiveDependencies,
  retryUnopened,
} from './store-opened.ts'

/**
 * Brings envelopes from the server's log into this device's log, opened, in the order of `seq`, each once.
 *
 * - Each conversation has one window of its log on this device. Its only gaps are those of the server's log; it grows at
 *   the end when messages arrive, and at the beginning when the person scrolls up.
 * - Entries, counters, marks and the outbox change in one write, so that a crash neither loses a message nor counts it
 *   twice.
 * - Reads of one conversation run one after the other. Sealing a message does not wait for them, so everything is
 *   checked again when it is stored.
 * - Nothing here retries: an error means that nothing was stored, and that `catchUp` will read it.
 */
export interface Receive {
  /** Appends pushed envelopes. A push is a hint: in any order, possibly with gaps and repetitions. */
  pushed(id: ConversationId, envelopes: readonly StoredEnvelope[]): Promise<void>
  /**
   * Reads the log to its end. For a conversation that is new here, only the last envelope is added, if it is given; the
   * rest is read when the person opens it.
   */
  catchUp(id: ConversationId, last: StoredEnvelope | null): Promise<void>
  /** The server has accepted a message from this device. */
  accepted(id: ConversationId, entry: Accepted): Promise<void>
  fetchOlder(id: ConversationId): Promise<void>
  /** Tries again to open what didn't open, because more is known now. */
  retryUnopened(id: ConversationId): Promise<void>
}

export function createReceive(deps: ReceiveDependencies): Receive {
  const { conversations } = deps
  // Reading and opening may wait for the network. Writing messages must not wait for them, so it has its own order.
  const reading = createSerialBy<ConversationId>()

  /** Runs `read` unless the log here has to be compared with the server's first. */
  const intoLog = (id: ConversationId, read: () => Promise<void>) =>
    reading(id, async () => {
      if (!conversations.load(id).membership.aside) await read()
    })

  const readOn = async (id: ConversationId) => {
    for (;;) {
      const { newest } = conversations.load(id).window
      const query = newest > 0 ? { after: newest, limit: MAX_PAGE } : { limit: TIMELINE_PAGE }
      const page = await readPage(deps, id, query)
      const [oldest] = page
      if (!oldest) return
      if (oldest.seq <= newest) throw new ClientError('untrusted_answer')
      await append(deps, id, page, newest || oldest.seq - 1)
      if (newest === 0 || page.length < MAX_PAGE) return
    }
  }

  return {
    pushed: (id, envelopes) =>
      intoLog(id, async () => {
        const { newest } = conversations.load(id).window
        const fresh = sorted(envelopes).filter(({ seq }) => seq > newest)
        const from = fresh[0]?.seq
        if (from === undefined) return
        const run = withoutHole(fresh)
        if (from === newest + 1) await append(deps, id, run, newest)
        if (from !== newest + 1 || run.length < fresh.length) await readOn(id)
      }),
    catchUp: (id, last) =>
      intoLog(id, async () => {
        const { newest, lastSeq } = conversations.load(id).window
        const isNext = last && (newest === 0 || last.seq === newest + 1)
        if (isNext) await append(deps, id, [last], last.seq - 1)
        else if (newest < lastSeq) await readOn(id)
      }),
    accepted: (id, accepted) => appendAccepted(deps, id, accepted),
    fetchOlder: (id) =>
      intoLog(id, async () => {
        const { first } = conversations.load(id).window
        if (first <= 1) return
        const page = await readPage(deps, id, { before: first, limit: TIMELINE_PAGE })
        const newest = page.at(-1)
        if (!newest || newest.seq >= first) throw new ClientError('untrusted_answer')
        await prepend(deps, id, page)
      }),
    retryUnopened: (id) => reading(id, () => retryUnopened(deps, id)),
  }
}

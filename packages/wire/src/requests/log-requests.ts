import { z } from 'zod'
import { Conversation } from '../conversation.ts'
import { ServerRow, StoredEnvelope } from '../envelope.ts'
import { ConversationId } from '../ids.ts'
import { MAX_PAGE } from '../limits.ts'
import { Cursor, Seq } from '../text.ts'
import { endpoint } from './endpoint.ts'
import { limit } from './fields.ts'

const seqInQuery = z.coerce.number().int().nonnegative()

/**
 * A new value means that the database was restored to an earlier state and may lack things that
 * devices have.
 */
const Era = z.string().regex(/^[0-9a-f]{16}$/)

/** The logs of conversations, and what changed since a device last asked. */
export const logRequests = {
  /**
   * A page of the log: the newest envelopes before `before`, or the oldest after `after`, always
   * ordered by seq.
   */
  readLog: endpoint({
    method: 'GET',
    path: '/conversations/:conversationId/envelopes',
    access: 'account',
    params: z.strictObject({ conversationId: ConversationId }),
    query: z.union([
      z.strictObject({ after: seqInQuery, limit }),
      z.strictObject({ before: seqInQuery.optional(), limit }),
    ]),
    response: z.strictObject({ envelopes: z.array(StoredEnvelope).max(MAX_PAGE) }),
  }),
  /** The raw row that stores an envelope. */
  serverRow: endpoint({
    method: 'GET',
    path: '/conversations/:conversationId/envelopes/:seq/row',
    access: 'account',
    params: z.strictObject({
      conversationId: ConversationId,
      seq: z.coerce.number().pipe(Seq),
    }),
    response: ServerRow,
  }),
  /** Only the era: a device needs it before it has keys. */
  readEra: endpoint({
    method: 'GET',
    path: '/era',
    access: 'log-in',
    response: z.strictObject({ era: Era }),
  }),
  /**
   * Everything that changed since the cursor; without a cursor, everything. Latest activity first.
   */
  listChanges: endpoint({
    method: 'GET',
    path: '/changes',
    access: 'account',
    query: z.strictObject({ since: Cursor.optional(), limit }),
    response: z.strictObject({
      era: Era,
      conversations: z.array(Conversation).max(MAX_PAGE),
      cursor: Cursor,
      more: z.boolean(),
    }),
  }),
} as const

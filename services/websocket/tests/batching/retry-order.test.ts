import { CloseCode, type ConversationId } from '@sotto/wire'
import { expect, test, vi } from 'vitest'
import {
  isBehindRefused,
  nextPlace,
  type Placed,
  rememberRefused,
  wouldOvertake,
} from '../../src/batching/retry-order.ts'
import type { Connection } from '../../src/connections/connection.ts'
import { newConversationId, newEnvelope } from '../testbed.ts'

function createConnection() {
  const close = vi.fn<Connection['close']>()
  const connection = { envelopes: 0, firstRefused: undefined, close } as unknown as Connection
  const arrive = (conversationId: ConversationId): Placed => ({
    connection,
    envelope: newEnvelope(conversationId),
    place: nextPlace(connection),
  })
  const again = ({ envelope }: Placed): Placed => ({
    connection,
    envelope,
    place: nextPlace(connection),
  })
  return { arrive, again, close }
}

test('nothing overtakes a refused envelope until it is resent', () => {
  const { arrive, again } = createConnection()
  const conversationId = newConversationId()
  const [first, second] = [arrive(conversationId), arrive(conversationId)]
  rememberRefused(first)

  expect(isBehindRefused(second)).toBe(true)
  expect(wouldOvertake(again(second))).toBe(true)
  expect(wouldOvertake(again(first))).toBe(false)
  expect(wouldOvertake(again(second))).toBe(false)
})

test('an earlier envelope that is refused later goes first', () => {
  const { arrive, again } = createConnection()
  const conversationId = newConversationId()
  const [decidedLater, refusedOnArrival] = [arrive(conversationId), arrive(conversationId)]
  rememberRefused(refusedOnArrival)
  expect(isBehindRefused(decidedLater)).toBe(false)
  rememberRefused(decidedLater)

  expect(wouldOvertake(again(refusedOnArrival))).toBe(true)
  expect(wouldOvertake(again(decidedLater))).toBe(false)
})

test('a refusal concerns its conversation only', () => {
  const { arrive } = createConnection()
  rememberRefused(arrive(newConversationId()))

  expect(wouldOvertake(arrive(newConversationId()))).toBe(false)
})

test('a connection with refusals in too many conversations is closed', () => {
  const { arrive, close } = createConnection()
  for (let n = 0; n < 1_024; n++) rememberRefused(arrive(newConversationId()))
  expect(close).not.toHaveBeenCalled()
  rememberRefused(arrive(newConversationId()))

  expect(close).toHaveBeenCalledWith(CloseCode.rateLimited)
})

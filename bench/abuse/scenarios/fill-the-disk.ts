import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationId, EnvelopeId, ServerFrame } from '@sotto/wire'
import { type Account, logIn, publish, startConversation } from '../../load/accounts.ts'
import { Device } from '../../load/device.ts'
import type { Topology } from '../../load/topology.ts'
import { withDatabase } from '../database.ts'
import type { Scenario } from '../scenario.ts'

const CIPHERTEXT = randomBytes(96 * 1024).toString('base64url')
const IN_FLIGHT = 16
/** How much a new account may send per hour, docs/limits.md. */
const ALLOWED = 7_500_000

/** A new account sends the largest envelopes to a contact, as fast as possible. */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const [attacker, contact] = [await logIn(server), await logIn(server)]
    for (const account of [attacker, contact]) await publish(server, account)
    const conversationId = await startConversation(server, attacker, contact)

    const before = await keptBytes(server)
    const { tried, refused } = await flood(server, attacker, conversationId, seconds)
    const kept = (await keptBytes(server)) - before
    return [
      { what: 'kept', value: kept, unit: 'bytes', atMost: ALLOWED },
      { what: 'kept in a second', value: kept / seconds, unit: 'bytes' },
      { what: 'sent', value: tried * CIPHERTEXT.length, unit: 'bytes' },
      { what: 'refused', value: refused, unit: 'envelopes' },
    ]
  },
}

async function keptBytes(server: Topology): Promise<number> {
  const [row] = await withDatabase(
    server,
    (sql) => sql<{ bytes: number }[]>`
      select coalesce(sum(octet_length(ciphertext)), 0)::bigint as bytes from chat.envelopes`,
  )
  return row?.bytes ?? 0
}

/** Keeps some envelopes in flight; reconnects when it is disconnected. */
async function flood(
  server: Topology,
  attacker: Account,
  conversationId: ConversationId,
  seconds: number,
): Promise<{ tried: number; refused: number }> {
  const until = performance.now() + seconds * 1000
  let refused = 0
  let tried = 0
  while (performance.now() < until) {
    const device = await Device.connect(server, attacker)
    let isOver = false
    const send = () => {
      if (isOver || performance.now() >= until) return
      tried += 1
      device.send({ id: randomUUID() as EnvelopeId, conversationId, ciphertext: CIPHERTEXT })
    }
    device.onEnd = () => {
      isOver = true
    }
    device.onFrame = (frame: ServerFrame) => {
      if (frame.type !== 'verdicts') return
      for (const { fate } of frame.verdicts) {
        if (fate === 'refused') refused += 1
        // After a pause, because otherwise the frame rate would be measured.
        setTimeout(send, fate === 'refused' ? 50 : 0)
      }
    }
    for (let n = 0; n < IN_FLIGHT; n += 1) send()
    while (!isOver && performance.now() < until) await sleep(50)
    await device.close()
  }
  return { tried, refused }
}

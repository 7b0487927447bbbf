import { randomUUID } from 'node:crypto'
import type { AccountId } from '@sotto/wire'
import { createKeys, signRecord } from '../../../tests/services/signed-statements.ts'
import { logIn, publish } from '../../load/accounts.ts'
import type { Topology } from '../../load/topology.ts'
import { attempt, repeat } from '../attempt.ts'
import { withDatabase } from '../database.ts'
import type { Scenario } from '../scenario.ts'

const PEOPLE = 2_000
/** Contact requests to strangers per day, docs/limits.md. */
const ALLOWED = 50

/** An account requests conversations with everyone, in both protocols. */
export const scenario: Scenario = {
  async run(server, { seconds }) {
    const { origin } = server
    const attacker = await logIn(server)
    await publish(server, attacker)
    const people = await addPeople(server)
    let asked = 0
    const { done, perSecond } = await repeat(seconds, () => {
      const person = people[Math.floor(asked / 2) % people.length] as AccountId
      const protocol = asked % 2 === 0 ? 'ecdh' : 'rsa'
      asked += 1
      const body = { id: randomUUID(), protocol, participants: [person] }
      return attempt(origin, {
        method: 'POST',
        path: '/conversations',
        token: attacker.token,
        body,
      })
    })
    return [
      { what: 'conversations begun', value: done, unit: '', atMost: ALLOWED },
      { what: 'conversations begun in a second', value: perSecond, unit: '' },
    ]
  },
}

/**
 * Adds accounts that have published, because so many sign-ups would hit the limits of sign-up
 * first.
 */
async function addPeople(server: Topology): Promise<AccountId[]> {
  const people = Array.from({ length: PEOPLE }, (_, n) => {
    const id = randomUUID() as AccountId
    return { id, record: signRecord(createKeys(id), `Person ${n}`) }
  })
  await withDatabase(
    server,
    (sql) => sql`
      insert into chat.accounts (account_id, record, record_version, name, search_name, published_at)
      select id, record, 1, 'Person', 'person', 0
      from unnest(
        ${people.map(({ id }) => id)}::uuid[], ${people.map(({ record }) => record)}::text[]
      ) as people (id, record)`,
  )
  return people.map(({ id }) => id)
}

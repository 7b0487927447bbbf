import type { PublishedAccount } from '@sotto/wire'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { openContacts } from '../../src/contacts/contacts.ts'
import { type Asked, Questions, UNASKED } from '../../src/transport/questions.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Disk } from '../world/disk.ts'
import { Person } from '../world/person.ts'
import { tries } from '../world/tries.ts'

/** Answers in any order from a server that is never wound back, each with the moment of its question. */

let alice: Person
let bob: Person
/** What Bob has published, one after the other. */
let publications: PublishedAccount[]

beforeAll(async () => {
  ;[alice, bob] = await Promise.all([Person.create('Alice'), Person.create('Bob')])
  publications = [bob.published]
  for (const name of ['B.', 'Robert']) {
    await bob.publish({ name })
    publications.push(bob.published)
  }
  await bob.renewKeys({ isSigned: false })
  publications.push(bob.published)
  await bob.publish({ name: 'Bob' })
  publications.push(bob.published)
})

const open = (questions: Questions) =>
  openContacts({
    storage: new Disk().start().store,
    call: new ChatServer(alice, bob).callAs(alice.accountId),
    questions,
    now: () => 7,
    self: alice.accountId,
    onChange: () => {},
    onKeyChange: () => {},
  })

const step = fc.oneof(
  fc.record({ what: fc.constant('ask' as const) }),
  fc.record({ what: fc.constant('publish' as const) }),
  fc.record({ what: fc.constant('answer' as const), which: fc.nat(3) }),
  fc.record({ what: fc.constant('push' as const), which: fc.nat(4) }),
)

test('answers that overtake one another revert nothing, and are not lies', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const questions = new Questions()
      const contacts = await open(questions)
      const account = publications[0]?.accountId ?? bob.accountId
      let published = 0
      let newest = -1
      /** Questions in flight. The server answers each at some moment before the answer is processed. */
      const open_: { asked: Asked; from: number }[] = []
      const take = async (publication: number, asked: Asked) => {
        await contacts.learn(publications[publication] as PublishedAccount, asked)
        newest = Math.max(newest, publication)
        const contact = contacts.get(account)
        const versions = [contact?.current, contact?.changed].map((one) => one?.record.version ?? 0)
        expect(Math.max(...versions)).toBe(newest + 1)
      }
      for (const one of steps) {
        if (one.what === 'publish') published = Math.min(published + 1, publications.length - 1)
        else if (one.what === 'ask') open_.push({ asked: questions.ask(), from: published })
        else if (one.what === 'push') {
          if (newest >= 0) await take(Math.min(one.which, published), UNASKED)
        } else {
          const [answered] = open_.splice(one.which % Math.max(1, open_.length), 1)
          if (answered) await take(answered.from, answered.asked)
        }
      }
    }),
    tries(60),
  )
})

test('answers are lies if they are older than what was known when they were requested', async () => {
  const [first, second] = publications as [PublishedAccount, PublishedAccount]
  const questions = new Questions()
  const contacts = await open(questions)
  await contacts.learn(second, questions.ask())
  const late = contacts.learn(first, questions.ask())
  await expect(late).rejects.toMatchObject({ code: 'untrusted_answer' })
})

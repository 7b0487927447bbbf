import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { ServerProcess } from '../programs/server-process.ts'
import { FirefoxPerson } from './firefox-person.ts'

// People use Sotto in an unmodified Firefox, driven by WebDriver BiDi.

let server: ServerProcess
let browser: Browser
const people: FirefoxPerson[] = []

beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100' })
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
  })
})
afterAll(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

afterEach(async () => {
  const troubles = people.flatMap((person) => person.troubles)
  await Promise.all(people.splice(0).map((person) => person.leave()))
  expect(troubles).toEqual([])
})

async function open(): Promise<FirefoxPerson> {
  const person = await FirefoxPerson.open(browser, server)
  people.push(person)
  return person
}

test('two people talk in both protocols, through a restart, and other profiles read everything', async () => {
  const [alice, bob] = [await open(), await open()]
  const [alicesPhone, bobsEmail] = ['+4915123700001', 'bob@example.org']
  await alice.signUpByPhone(alicesPhone, 'Alice Ashdown')
  await bob.signUpByEmail(bobsEmail, 'Bob Birnbaum')

  await alice.startConversation('Bob Birnbaum', 'ecdh')
  await alice.send('a first word, by ecdh')
  await bob.acceptRequest()
  await bob.sees('a first word, by ecdh')
  await bob.send('an answer with 🏳️‍🌈 and مرحبا')
  await alice.sees('an answer with 🏳️‍🌈 and مرحبا')

  await alice.startConversation('Bob Birnbaum', 'rsa')
  await alice.send('a first word, by rsa')
  await bob.openConversation('a first word, by rsa')
  await bob.sees('a first word, by rsa')
  await bob.send('an answer, by rsa')
  await alice.sees('an answer, by rsa')

  await server.stop()
  await alice.send('written while the server was away')
  await alice.sees('written while the server was away')
  expect(await alice.statusOf('written while the server was away')).toBe('waiting')
  await server.start()
  expect(await bob.sees('written while the server was away')).toBe(1)

  await alice.page.reload()
  await alice.openConversation('written while the server was away')
  await alice.sees('an answer, by rsa')

  const byPassword = await open()
  await byPassword.logInByPassword(bobsEmail)
  await byPassword.openConversation('written while the server was away')
  await byPassword.sees('a first word, by rsa')

  const byCode = await open()
  await byCode.logInByPhone(alicesPhone)
  await byCode.unlock(alice.recoveryCode)
  await byCode.openConversation('an answer with')
  await byCode.sees('a first word, by ecdh')
})

test('keys are stored where no script can extract them', async () => {
  const person = await open()
  await person.signUpByPhone('+4915123700002', 'Paula who looks')
  const extractable = await eventually('kept keys', () =>
    person.page.evaluate(async () => {
      const keys: boolean[] = []
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open(name)
          request.onsuccess = () => resolve(request.result)
          request.onerror = () => reject(request.error)
        })
        for (const store of database.objectStoreNames) {
          const all = await new Promise<unknown[]>((resolve, reject) => {
            const request = database.transaction(store).objectStore(store).getAll()
            request.onsuccess = () => resolve(request.result)
            request.onerror = () => reject(request.error)
          })
          const look = (value: unknown): void => {
            if (value instanceof CryptoKey && value.type !== 'public') keys.push(value.extractable)
            else if (value !== null && typeof value === 'object') Object.values(value).forEach(look)
          }
          all.forEach(look)
        }
        database.close()
      }
      return keys.length > 0 && keys
    }),
  )
  expect(extractable).not.toContain(true)
})

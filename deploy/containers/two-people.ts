import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationId } from '@sotto/wire'
import type { TestDevice } from '../../tests/network/device.ts'
import { Person, type Place } from '../../tests/network/people.ts'

interface Writer {
  readonly person: Person
  readonly id: ConversationId
  /** In order. */
  readonly written: string[]
}

/**
 * The pause between two messages of a writer while containers crash: some hundred messages in
 * total.
 */
const talkEveryMs = 400

/**
 * Two people with real clients who communicate in both protocols and remember what they have
 * written.
 */
export class TwoPeople {
  readonly #people: readonly [Person, Person]
  readonly #writers: readonly Writer[]

  /** One signs up by phone, the other by email. */
  static async meet(place: Place): Promise<TwoPeople> {
    const alice = await Person.signUp(place, 'alice', { withRsa: true })
    const bob = await Person.signUp(place, 'bob', { withRsa: true, email: 'bob@example.org' })
    const ids = [
      await alice.startConversation(bob, 'ecdh'),
      await bob.startConversation(alice, 'rsa'),
    ]
    const writers = ids.flatMap((id) => {
      return [alice, bob].map((person) => ({ person, id, written: [] }))
    })
    // A timeline that was read while it was empty keeps showing everything.
    for (const { person, id } of writers) person.device.messages(id)
    return new TwoPeople([alice, bob], writers)
  }

  private constructor(people: readonly [Person, Person], writers: readonly Writer[]) {
    this.#people = people
    this.#writers = writers
  }

  /** The number of messages that they have written. */
  get count(): number {
    return this.#writers.reduce((sum, { written }) => sum + written.length, 0)
  }

  get accountIds(): string[] {
    return this.#people.map(({ accountId }) => accountId)
  }

  /** Each writes `count` messages in each conversation. */
  async write(round: string, count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await Promise.all(this.#writers.map((writer) => writeOne(writer, `${round} ${n}`)))
    }
  }

  /** Both write until `isOver`. */
  async writeUntil(round: string, isOver: () => boolean): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      await Promise.all(this.#writers.map((writer) => writeOne(writer, `${round} ${n}`)))
      await sleep(talkEveryMs)
    }
  }

  /** Whether the server has accepted everyone's last message. */
  get isAccepted(): boolean {
    return this.#writers.every(({ person, id }) => {
      const own = person.device.messages(id).filter(({ mine }) => mine)
      return own.at(-1)?.seq !== null
    })
  }

  /** Tries to connect now, like a person who returns to the app. */
  async comeBack(): Promise<void> {
    await Promise.all(this.#people.map(({ commands }) => commands.reconnect()))
  }

  /**
   * Checks that each of the two sees all messages of both exactly once and in order, all accepted,
   * on the device that wrote them and on a new device that reads them from the server. Returns how
   * many were read.
   */
  async readEverything(): Promise<number> {
    let read = 0
    for (const reader of this.#people) {
      await this.#readOn(reader, reader.device)
      const another = await reader.addDevice()
      read += await this.#readOn(reader, another)
      await another.close()
      reader.devices.splice(reader.devices.indexOf(another), 1)
    }
    return read
  }

  async leave(): Promise<void> {
    await Promise.all(this.#people.map((person) => person.leave()))
  }

  /**
   * Waits until a device shows all written messages as accepted. If that fails, prints what is
   * missing.
   */
  async #settled(reader: Person, device: TestDevice, id: ConversationId): Promise<void> {
    const writers = this.#writers.filter((writer) => writer.id === id)
    const expected = writers.reduce((sum, { written }) => sum + written.length, 0)
    const isSettled = async () => {
      const timeline = device.client.snapshot({ view: 'timeline', conversationId: id })
      if (timeline?.hasOlder) await device.commands.loadOlder(id)
      const shown = device.messages(id)
      return (
        !timeline?.hasOlder && shown.length >= expected && shown.every(({ seq }) => seq !== null)
      )
    }
    await device
      .eventually(`to show ${expected} messages, all accepted`, isSettled)
      .catch((error: unknown) => {
        const shown = device.messages(id)
        for (const { person, written } of writers) {
          const texts = new Set(
            shown.filter(({ mine }) => mine === (person === reader)).map(({ text }) => text),
          )
          const missing = written.filter((text) => !texts.has(text))
          console.error(`${device.name} lacks ${missing.length} of ${person.name}: ${missing}`)
        }
        const open = shown.filter(({ seq }) => seq === null)
        console.error(
          `${device.name} shows ${open.length} that are not accepted:`,
          open.slice(0, 3),
        )
        throw error
      })
  }

  async #readOn(reader: Person, device: TestDevice): Promise<number> {
    let read = 0
    for (const id of new Set(this.#writers.map((writer) => writer.id))) {
      const writers = this.#writers.filter((writer) => writer.id === id)
      const expected = writers.reduce((sum, { written }) => sum + written.length, 0)
      await device.conversation(id)
      await this.#settled(reader, device, id)
      const shown = device.messages(id)
      for (const { person, written } of writers) {
        const texts = shown.filter(({ mine }) => mine === (person === reader))
        assert.deepEqual(
          texts.map(({ text }) => text),
          written,
        )
      }
      assert.equal(new Set(shown.map(({ seq }) => seq)).size, expected)
      assert.deepEqual(device.notices(id), [])
      read += shown.length
    }
    return read
  }
}

async function writeOne({ person, id, written }: Writer, what: string): Promise<void> {
  const text = `${what} of ${person.name}`
  await person.commands.send(id, text)
  written.push(text)
}

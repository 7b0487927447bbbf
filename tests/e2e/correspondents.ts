import { Person as Correspondent, type PersonOptions } from '../network/people.ts'
import { test as base, freshPhone } from './suite.ts'

interface Fixtures {
  /**
   * Signs up somebody elsewhere, who uses the same client in Node: quick where it does not matter what
   * that person sees.
   */
  correspondent: (name: string, options?: PersonOptions) => Promise<Correspondent>
}

/** `test` with people who have no browser. */
export const test = base.extend<Fixtures>({
  correspondent: async ({ server }, use) => {
    const people: Correspondent[] = []
    const place = {
      origin: server.origin,
      newPhone: freshPhone,
      codeFor: (address: string) => server.codeFor(address),
    }
    await use(async (name, options) => {
      const person = await Correspondent.signUp(place, name, options)
      people.push(person)
      return person
    })
    await Promise.all(people.map((person) => person.leave()))
  },
})

export { expect, freshEmail, freshPhone } from './suite.ts'

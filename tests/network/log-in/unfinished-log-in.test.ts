import { ClientError, createMemoryStorage } from '@sotto/sdk'
import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import type { Person } from '../people.ts'

/**
 * A `fetch` through a web server that fails to reach Sotto for one request, after letting `left`
 * requests through.
 */
function failingOnce(left: number) {
  const line = {
    hasFailed: false,
    fetch: async (...request: Parameters<typeof fetch>) => {
      if (left-- !== 0) return fetch(...request)
      line.hasFailed = true
      return new Response('<h1>502 Bad Gateway</h1>', { status: 502 })
    },
  }
  return line
}

/** The codes that the screen shows for a request that did not get through. */
const mayPass: ReadonlySet<string> = new Set(['unavailable', 'offline'])

/**
 * Does what the screen asks for, and repeats what temporarily failed, until nothing is left to do.
 */
async function comeIn(person: Person, device: TestDevice): Promise<void> {
  for (;;) {
    const { stage } = await eventually('something to do', () => {
      const session = device.session()
      return session.stage !== 'starting' && session
    })
    if (stage === 'ready') return
    try {
      if (stage === 'signed_out') await person.enter(device)
      else if (stage === 'locked') await device.commands.unlockWithRecoveryCode(person.recoveryCode)
      else throw new Error(`there is no way to log in at ${stage}`)
    } catch (error) {
      if (!(error instanceof ClientError && mayPass.has(error.code))) throw error
    }
  }
}

test.each(['phone', 'password'] as const)(
  'a log-in by %s continues by itself when any one of its requests fails',
  async (by) => {
    await using network = await TestNetwork.start()
    const alice = await network.person('alice', by === 'phone' ? {} : { email: 'a@example.org' })
    let requests = 0
    for (; requests < 60; requests++) {
      const line = failingOnce(requests)
      const device = await TestDevice.open(network, `device ${requests}`, {
        storage: createMemoryStorage(),
        fetch: line.fetch,
      })
      alice.devices.push(device)
      await comeIn(alice, device)
      expect(device.me().accountId).toBe(alice.accountId)
      await device.close()
      if (!line.hasFailed) break
    }
    expect(requests).toBeGreaterThan(8)
    expect(requests).toBeLessThan(60)
  },
)

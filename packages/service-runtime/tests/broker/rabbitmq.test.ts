import { afterAll, beforeAll } from 'vitest'
import { testBrokerContract } from './contract/contract.ts'
import { RabbitmqBed } from './rabbitmq-bed.ts'

let bed: RabbitmqBed
beforeAll(async () => {
  bed = await RabbitmqBed.start()
})
afterAll(() => bed[Symbol.asyncDispose]())

let settings: Parameters<Parameters<typeof testBrokerContract>[0]['join']>[0]

testBrokerContract({
  // The broker counts waiting messages a moment after it has confirmed them.
  slack: 4,
  logged: () => bed.logged,
  join(chosen) {
    settings = chosen ?? settings ?? {}
    return bed.join(settings)
  },
  async leave() {
    await bed.leave()
    settings = undefined
  },
})

import { afterEach } from 'vitest'
import type { AdapterUnderTest } from './adapter-under-test.ts'
import { testEvents } from './events.ts'
import { testWork } from './work.ts'

/** The rules of the port, for every adapter. */
export function testBrokerContract(adapter: AdapterUnderTest) {
  afterEach(() => adapter.leave())
  testWork(adapter)
  testEvents(adapter)
}

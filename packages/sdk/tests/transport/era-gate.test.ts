import type { ServerFrame } from '@sotto/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EraGate } from '../../src/transport/era-gate.ts'

type Event = 'connected' | 'disconnected' | 'shut' | 'open' | 'about logs' | 'about others'

const events = fc.array(
  fc.constantFrom<Event>('connected', 'disconnected', 'shut', 'open', 'about logs', 'about others'),
  { maxLength: 40 },
)
const frame = (type: ServerFrame['type']) => ({ type }) as ServerFrame

test('frames about logs pass only once the era is known, and dropped content is fetched then', () => {
  fc.assert(
    fc.property(events, (happened) => {
      let isOpen = false
      const gate = new EraGate(
        () => {
          isOpen = true
        },
        () => {
          isOpen = false
        },
      )
      let isConnected = false
      let isOwed = false
      for (const event of happened) {
        switch (event) {
          case 'connected':
            gate.connected()
            isConnected = true
            isOpen = false
            isOwed = false
            break
          case 'disconnected':
            gate.disconnected()
            isConnected = false
            isOpen = false
            break
          case 'shut':
            if (isOpen) isOwed = false
            gate.shut()
            expect(isOpen).toBe(false)
            break
          case 'open': {
            const wasShut = isConnected && !isOpen
            expect(gate.open()).toBe(wasShut && isOwed)
            expect(isOpen).toBe(isConnected)
            break
          }
          case 'about logs':
            expect(gate.admits(frame('envelopes'))).toBe(isOpen)
            if (!isOpen) isOwed = true
            break
          case 'about others':
            expect(gate.admits(frame('typing'))).toBe(true)
        }
      }
    }),
    { numRuns: 500 },
  )
})

import type { ServerFrame } from '@sotto/wire'
import { expect, test } from 'vitest'
import { EraGate } from '../../src/transport/era-gate.ts'
import { ERA_GATE, type EraGateEvent } from '../../src/transport/era-gate-states.ts'
import { casesOf } from '../state-tables/table-cases.ts'

const aboutLogs = { type: 'receipts' } as ServerFrame

const causes: Readonly<Record<EraGateEvent, (gate: EraGate) => void>> = {
  connected: (gate) => gate.connected(),
  disconnected: (gate) => gate.disconnected(),
  wound: (gate) => gate.shut(),
  in_line: (gate) => gate.open(),
  frame_about_logs: (gate) => gate.admits(aboutLogs),
}

test.each(casesOf(ERA_GATE))('$state, $event: $next', ({ state, event, next, path }) => {
  const told: string[] = []
  const gate = new EraGate(
    () => told.push('opened'),
    () => told.push('shut'),
  )
  for (const one of path) causes[one](gate)
  expect(gate.state).toBe(state)
  told.length = 0

  causes[event](gate)

  expect(gate.state).toBe(next ?? state)
  const isTold = next !== null && (event === 'in_line' || event === 'wound')
  expect(told).toEqual(isTold ? [next === 'open' ? 'opened' : 'shut'] : [])
})

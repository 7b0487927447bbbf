import { describe, expect, test } from 'vitest'
import { defineStateTable, type StateTable } from '../../src/state-tables/define-state-table.ts'
import { stateTables } from '../../src/state-tables.ts'
import { pathTo, refusedBy, statesOf } from './table-cases.ts'

const tables = Object.entries<StateTable<string, string>>(stateTables)

describe.each(tables)('the table %s', (_, table) => {
  const leadsOut = (state: string) =>
    Object.values(table.transitions[state] ?? {}).some((next) => next !== null && next !== state)

  test('reaches every state', () => {
    for (const state of statesOf(table)) pathTo(table, table.initial, state)
  })

  test('has no dead ends except the final states', () => {
    expect(statesOf(table).filter((state) => !leadsOut(state))).toEqual(table.final)
  })

  test('refuses unlisted events', () => {
    for (const [state, event] of refusedBy(table)) {
      expect(() => table.next(state, event)).toThrow(
        expect.objectContaining({ code: 'internal', details: { state, event } }),
      )
    }
  })
})

test('an event leads on, changes nothing, or is refused', () => {
  const door = defineStateTable<'open' | 'shut', 'open' | 'shut' | 'lock'>({
    initial: 'open',
    final: [],
    transitions: { open: { open: null, shut: 'shut' }, shut: { open: 'open', lock: 'shut' } },
  })

  expect(door.next('open', 'shut')).toBe('shut')
  expect(door.next('open', 'open')).toBeNull()
  expect(() => door.next('open', 'lock')).toThrow('internal')
  expect(refusedBy(door)).toEqual([
    ['open', 'lock'],
    ['shut', 'shut'],
  ])
})

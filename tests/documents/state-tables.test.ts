import { readFileSync } from 'node:fs'
import { stateTables } from '@sotto/sdk/state-tables'
import { expect, test } from 'vitest'

const document = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8')

/** The headings of the tables, by their names in the code. */
const headings: Readonly<Record<keyof typeof stateTables, string>> = {
  logIn: 'The log-in',
  stage: 'The stage of the account',
  connection: 'The connection',
  eraGate: 'The era gate',
  outboxItem: 'A message in the outbox',
}
const tables = Object.entries(stateTables).map(([name, table]) => {
  return { heading: headings[name as keyof typeof headings], ...table }
})

/** The rows under a heading, without the column that explains them. */
function documented(heading: string): string[][] {
  const [, section = ''] = document.split(`\n### ${heading}\n`)
  const [own = ''] = section.split(/\n##/)
  const rows = own.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => {
    const [state = '', , ...events] = row
      .split(' | ')
      .map((cell) => cell.replace(/^\|? ?| ?\|?$/g, ''))
    return [state, ...events]
  })
}

type Moves = Readonly<Record<string, string | null>>

const code = (name: string) => `\`${name}\``

function rowOf(state: string, moves: Moves): string[] {
  const leading = Object.entries(moves).flatMap(([event, next]) =>
    next === null ? [] : [`${code(event)} → ${next === state ? 'the same' : code(next)}`],
  )
  const ignored = Object.keys(moves).filter((event) => moves[event] === null)
  return [code(state), leading.join(', ') || '–', ignored.map(code).join(', ') || '–']
}

test.each(tables)(
  'ARCHITECTURE.md has the states: $heading',
  ({ heading, transitions, initial }) => {
    const rows = Object.entries<Moves>(transitions).map(([state, moves]) => rowOf(state, moves))

    expect(rows[0]?.[0]).toBe(code(initial))
    expect(documented(heading)).toEqual(rows)
  },
)

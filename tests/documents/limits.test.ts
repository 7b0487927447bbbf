import { readFileSync } from 'node:fs'
import { authLimits } from '@sotto/auth'
import { chatLimits } from '@sotto/chat'
import { expect, test } from 'vitest'

const document = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')

test('docs/limits.md names every limit that the database counts, as it is', () => {
  const limits = { ...authLimits, ...chatLimits }
  const rows = document.matchAll(/^\| `(\w+)` \| (?:auth|chat) \| (\d+) \| (\d+) \|/gm)
  const documented = [...rows].map(([, name = '', points, seconds]) => [
    name,
    { points: Number(points), seconds: Number(seconds) },
  ])

  expect(Object.fromEntries(documented)).toEqual(limits)
})

import { readFileSync } from 'node:fs'
import { authLimits } from '@sotto/auth'
import { chatLimits } from '@sotto/chat'
import { ONE_TIME_CODE_DIGITS, ONE_TIME_CODE_TRIES } from '@sotto/wire'
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

test('who guesses codes from everywhere all day long has the chance that THREAT_MODEL.md says', () => {
  const text = readFileSync(new URL('../../THREAT_MODEL.md', import.meta.url), 'utf8')
  const chanceOf = (codes: number) => (codes * ONE_TIME_CODE_TRIES) / 10 ** ONE_TIME_CODE_DIGITS

  expect(text).toContain('a chance of 1 in 10,000 a day')
  expect(chanceOf(authLimits.startByAddressDaily.points)).toBe(1e-4)
  expect(chanceOf(authLimits.startByKnownNetworksDaily.points)).toBe(1e-4)
})

import { readdirSync, readFileSync } from 'node:fs'
import { authBounds, authLimits } from '@sotto/auth'
import { CONVERSATION_BYTES, chatLimits, ENVELOPE_BYTES } from '@sotto/chat'
import {
  MAX_DEVICES,
  MAX_PAST_RECORDS,
  ONE_TIME_CODE_DIGITS,
  ONE_TIME_CODE_TRIES,
} from '@sotto/wire'
import { describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const document = readFileSync(new URL('docs/limits.md', root), 'utf8')

test('docs/limits.md names every limit that the database counts, with its value', () => {
  const limits = { ...authLimits, ...chatLimits }
  const rows = document.matchAll(/^\| `(\w+)` \| (?:auth|chat) \| (\d+) \| (\d+) \|/gm)
  const documented = [...rows].map(([, name = '', points, seconds]) => [
    name,
    { points: Number(points), seconds: Number(seconds) },
  ])

  expect(Object.fromEntries(documented)).toEqual(limits)
})

describe('stored data', () => {
  const rows = [...document.matchAll(/^\| `((?:auth|chat)\.\w+)` \|(.*)\|$/gm)]
  const boundOf = (table: string) => rows.find(([, name]) => name === table)?.[2] ?? ''

  test('is limited by the values in the code', () => {
    expect(boundOf('auth.sessions')).toContain(` ${authBounds.endedSessions} that ended`)
    const tokens = authBounds.usedRefreshTokens + 1
    expect(boundOf('auth.refresh_tokens')).toContain(` ${tokens.toLocaleString('en')} of a session`)
    expect(boundOf('chat.devices')).toContain(` ${MAX_DEVICES} `)
    expect(boundOf('chat.past_records')).toContain(` ${MAX_PAST_RECORDS} `)
    const conversation = CONVERSATION_BYTES.toLocaleString('en')
    expect(document).toContain(
      `${ENVELOPE_BYTES} bytes for its row; ${conversation} bytes for each`,
    )
  })

  test('is counted the same way by the service and by the migrations', () => {
    const folder = new URL('services/chat/src/migrations/', root)
    const counting = readdirSync(folder).filter((name) => /-(un)?count-/.test(name))
    const text = counting.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n')
    const used = [...text.matchAll(/octet_length\([\w.]+\) \+ (\d+)/g)].map(([, bytes]) => bytes)

    expect(new Set(used)).toEqual(new Set([`${ENVELOPE_BYTES}`]))
    expect(text.match(/\b1024\b/g)).toHaveLength(2)
  })
})

test('an attacker who guesses codes from everywhere all day has the chance that THREAT_MODEL.md states', () => {
  const text = readFileSync(new URL('../../THREAT_MODEL.md', import.meta.url), 'utf8')
  const chanceOf = (codes: number) => (codes * ONE_TIME_CODE_TRIES) / 10 ** ONE_TIME_CODE_DIGITS

  expect(text).toContain('a chance of 1 in 10,000 a day')
  expect(chanceOf(authLimits.startByAddressDaily.points)).toBe(1e-4)
  expect(chanceOf(authLimits.startByKnownNetworksDaily.points)).toBe(1e-4)
})

import { expect, test } from 'vitest'
import { isDirectoryOpen } from '../src/config.ts'

test('members may list each other unless strangers may become members, or the operator overrides it', () => {
  const open = (
    NODE_ENV: 'development' | 'production',
    SIGN_UP?: 'open' | 'invitation' | 'closed',
  ) => isDirectoryOpen({ NODE_ENV, SIGN_UP })
  expect(open('development')).toBe(true)
  expect(open('development', 'open')).toBe(true)
  expect(open('production', 'invitation')).toBe(true)
  expect(open('production', 'closed')).toBe(true)
  expect(open('production', 'open')).toBe(false)
  expect(open('production')).toBe(false)

  const told = { NODE_ENV: 'production', SIGN_UP: 'open' } as const
  expect(isDirectoryOpen({ ...told, DIRECTORY_OPEN: true })).toBe(true)
  expect(isDirectoryOpen({ NODE_ENV: 'development', DIRECTORY_OPEN: false })).toBe(false)
})

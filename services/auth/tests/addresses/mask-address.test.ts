import { expect, test } from 'vitest'
import { maskAddress } from '../../src/addresses/mask-address.ts'

test('addresses are masked', () => {
  expect(maskAddress('+4915112345678')).toBe('+49…78')
  expect(maskAddress('alice@chat.test')).toBe('a…@…')
})

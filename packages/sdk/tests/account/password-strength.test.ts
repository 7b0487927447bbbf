import { expect, test } from 'vitest'
import { measurePassword } from '../../src/account/log-in/password-strength.ts'

const isEnough = (password: string, ...about: string[]) => measurePassword(password, about).isEnough

test.each([
  'password123',
  'P@ssw0rd123!',
  'qwertyuiop',
  'Qwerty12345!',
  '1234567890',
  '1029384756',
  'aaaaaaaaaa',
  'abcabcabcabc',
  'iloveyou123',
  'administrator',
  'letmein12345',
  'sunshine2024',
  'Summer2025!',
  'correcthorsebatterystaple',
  'michael1990',
  '01.01.1990!!',
])('%s is easy to guess', (password) => {
  expect(isEnough(password)).toBe(false)
})

test.each([
  'a quiet voice under the breath',
  'blue whale song at noon',
  'tq7!mzp-2w',
  'żółć gęślą jaźń w oknie',
  '雨の日に青い鯨が歌う',
])('%s is not easy to guess', (password) => {
  expect(isEnough(password)).toBe(true)
})

test('public facts about a person make weak passwords', () => {
  expect(isEnough('Lindqvist-Okonkwo')).toBe(true)
  expect(isEnough('Lindqvist-Okonkwo', 'Ebba Lindqvist-Okonkwo')).toBe(false)
  expect(isEnough('okonkwo.lindqvist', 'lindqvist.okonkwo@example.org')).toBe(false)
  expect(isEnough('+4915123456789', '+49 151 23456789')).toBe(false)
  expect(isEnough('015123456789', '+4915123456789')).toBe(false)
  expect(isEnough('Ebba eats blue stones at noon', 'Ebba Lindqvist')).toBe(true)
})

test('a password of 256 characters is checked as well', () => {
  expect(isEnough('a'.repeat(256))).toBe(false)
  expect(isEnough('xq7 '.repeat(64))).toBe(false)
})

test.each([
  ['aaaaaaaaaaaa', 'repeated_character'],
  ['abcabcabcabc', 'repeated_pattern'],
  ['abcdefghijkl', 'sequence'],
  ['zxcvbnm,./', 'keyboard_row'],
  ['password', 'top_password'],
  ['01.01.1990', 'date'],
  ['administrator', 'single_word'],
  ['ebba.lindqvist@example.org', 'public_facts'],
] as const)('the weakness of %s is %s', (password, weakness) => {
  expect(measurePassword(password, ['ebba.lindqvist@example.org'])).toMatchObject({ weakness })
})

test('a strong password has no weakness', () => {
  expect(measurePassword('blue whale song at noon', []).weakness).toBeNull()
})

import { expect, test } from 'vitest'
import { measurePassword } from '../src/account/log-in/password-strength.ts'

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
])('%s is soon guessed', (password) => {
  expect(isEnough(password)).toBe(false)
})

test.each([
  'a quiet voice under the breath',
  'blue whale song at noon',
  'tq7!mzp-2w',
  'żółć gęślą jaźń w oknie',
  '雨の日に青い鯨が歌う',
])('%s is not', (password) => {
  expect(isEnough(password)).toBe(true)
})

test('what others know of a person does not protect them', () => {
  expect(isEnough('Lindqvist-Okonkwo')).toBe(true)
  expect(isEnough('Lindqvist-Okonkwo', 'Ebba Lindqvist-Okonkwo')).toBe(false)
  expect(isEnough('okonkwo.lindqvist', 'lindqvist.okonkwo@example.org')).toBe(false)
  expect(isEnough('+4915123456789', '+49 151 23456789')).toBe(false)
  expect(isEnough('015123456789', '+4915123456789')).toBe(false)
  expect(isEnough('Ebba eats blue stones at noon', 'Ebba Lindqvist')).toBe(true)
})

test('a password of 256 characters is looked at as well', () => {
  expect(isEnough('a'.repeat(256))).toBe(false)
  expect(isEnough('xq7 '.repeat(64))).toBe(false)
})

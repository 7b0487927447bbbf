import { describe, expect, test } from 'vitest'
import { textSegments } from '../src/features/timeline/text-segments.ts'

const linksIn = (text: string) => textSegments(text).filter((segment) => segment.kind === 'link')
const joined = (text: string) =>
  textSegments(text)
    .map((segment) => segment.text)
    .join('')

describe('the text of a message', () => {
  test.each([
    'plain',
    'see https://example.org/a?b=c#d, and (https://example.org/x_(y)).',
    'run `npm start`, then\n```\nselect 1;\n```\nthat is all',
    '<img src=x onerror=alert(1)> javascript:alert(1) data:text/html,x',
    '`unfinished https://example.org',
    '\u202ehttps://example.org/\u202cabc',
    'שלום https://example.org/שלום',
  ])('is kept character by character: %j', (text) => {
    expect(joined(text)).toBe(text)
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://example.org/',
    'https://',
    'http://[::1',
  ])('makes no link of %j', (text) => {
    expect(linksIn(text)).toEqual([])
  })

  test('makes links of http, https and mailto', () => {
    const links = linksIn('http://a.example https://b.example/x mailto:bob@example.org')

    expect(links.map(({ href }) => href)).toEqual([
      'http://a.example/',
      'https://b.example/x',
      'mailto:bob@example.org',
    ])
  })

  test('leaves the end of the sentence out of the link', () => {
    expect(linksIn('Look at https://example.org/a.')[0]).toMatchObject({
      text: 'https://example.org/a',
    })
    expect(linksIn('(https://example.org/a)')[0]).toMatchObject({ text: 'https://example.org/a' })
    expect(linksIn('https://example.org/a_(b)')[0]).toMatchObject({
      text: 'https://example.org/a_(b)',
    })
  })

  test.each([
    ['https://paypal.com@evil.example/login', 'evil.example'],
    ['https://evil.example\\@paypal.com/', 'evil.example'],
    ['https://раураl.com/', 'xn--l-7sba6dbr.com'],
    ['http://0x7f.1/', '127.0.0.1'],
  ])('shows the real host of %j', (text, realHost) => {
    expect(linksIn(text)[0]).toMatchObject({ realHost })
  })

  test('shows no second host where the link reads as what it is', () => {
    expect(linksIn('https://Example.org/path')[0]).toMatchObject({ realHost: null })
  })

  test('makes nothing of what stands in code', () => {
    expect(linksIn('`https://example.org`')).toEqual([])
  })

  test.each([
    'https://'.repeat(8_000),
    '`'.repeat(64_000),
    '```'.repeat(20_000),
    `https://a${'.'.repeat(60_000)}`,
    'mailto:'.repeat(9_000),
    `https://a/${'.)'.repeat(32_000)}x`,
  ])('is read in no time, whatever it is', (text) => {
    const startedAt = performance.now()
    textSegments(text)

    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})

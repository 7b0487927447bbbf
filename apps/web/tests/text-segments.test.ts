import { describe, expect, test } from 'vitest'
import { fold } from '../src/features/timeline/text/fold.ts'
import { textSegments } from '../src/features/timeline/text/text-segments.ts'

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

  test('turns http, https and mailto addresses into links', () => {
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

  test('shows no second host if the link looks like its real host', () => {
    expect(linksIn('https://Example.org/path')[0]).toMatchObject({ realHost: null })
  })

  // The link is between ⟦ and ⟧.
  test.each([
    '「⟦https://example.org/a⟧」',
    '（⟦https://example.org/a⟧）',
    '【⟦https://example.org⟧】です',
    '请看⟦https://example.org/页⟧，然后回来',
    '请看⟦https://example.org⟧。很好',
    '⟦https://example.org/a⟧（官网）',
    'ここ⟦https://ja.wikipedia.org/wiki/ジョン・レノン⟧です。'.replace('⟧です', 'です⟧'),
    '“⟦https://example.org/a⟧”',
    '«⟦https://example.org/a⟧»',
    '„⟦https://example.org/a⟧“ und',
    '‚⟦https://example.org/a⟧‘, und',
    '”⟦https://example.org/a⟧”',
    '»⟦https://example.org/a⟧«',
    "'⟦https://example.org/a⟧'",
    '"⟦https://example.org/a⟧"',
    '‹⟦https://example.org/a⟧›',
    '⟦https://example.org/l’été⟧ à la mer',
    "⟦https://example.org/it's⟧, yes",
    "⟦https://example.org⟧'s page",
    '⟦https://example.org⟧’s page',
    '(⟦https://example.org/a_(b)⟧)',
    '(⟦https://example.org/a_(b(c))⟧).',
    '[⟦https://example.org/a[1]⟧]',
    '[words](⟦https://example.org/a⟧)',
    '{⟦https://example.org/a⟧}',
    '<⟦https://example.org/a⟧>',
    '⟦https://example.org/a⟧)b',
    '⟦https://example.org/a?b=c⟧?!',
    '⟦https://example.org/a⟧…',
    '⟦https://example.org/a⟧, ⟦https://example.org/b⟧; ⟦https://example.org/c⟧',
    'זה ⟦https://example.org/שלום⟧, תודה',
    'هنا ⟦https://example.org/صفحة⟧، ثم',
    'هل رأيت ⟦https://example.org/صفحة⟧؟',
    'देखें ⟦https://example.org/पृष्ठ⟧।',
    '\u2067⟦https://example.org/a⟧\u2069',
    '⟦https://example.org/a⟧\u200e.',
    '⟦https://example.org/a⟧\u200btext',
    '⟦https://example.org⟧\u3000全角',
    '⟦https://example.org/می\u200cخواهم⟧ است',
    '⟦https://例え.jp/パス⟧」',
    '⟦https://example.org:8443⟧.',
    '⟦https://[2001:db8::1]:8443/a⟧]',
    '⟦https://example.org/a⟧—and',
    '⟦mailto:bob@example.org?subject=a⟧.',
    '⟦mailto:bob@example.org⟧»',
  ])('knows where a link ends: %s', (marked) => {
    const wanted = [...marked.matchAll(/⟦(.*?)⟧/gu)].map(([, link]) => link)

    expect(linksIn(marked.replace(/[⟦⟧]/gu, '')).map(({ text }) => text)).toEqual(wanted)
  })

  test('keeps a link whole, however long it is', () => {
    const path = 'a'.repeat(50_000)

    expect(linksIn(`see https://example.org/${path} there`)[0]).toMatchObject({
      href: `https://example.org/${path}`,
    })
  })

  test('finds no links in code', () => {
    expect(linksIn('`https://example.org`')).toEqual([])
  })

  test.each([
    'https://'.repeat(8_000),
    '`'.repeat(64_000),
    '```'.repeat(20_000),
    `https://a${'.'.repeat(60_000)}`,
    'mailto:'.repeat(9_000),
    `https://a/${'.)'.repeat(32_000)}x`,
  ])('is read in one go, whatever it is', (text) => {
    // Takes milliseconds if each character is read once, and minutes if not.
    expect(joined(text)).toBe(text)
  })
})

describe('a folded message', () => {
  const folded = (text: string) => fold(text, textSegments(text))
  const shownText = (text: string) =>
    folded(text)
      ?.shown.map((segment) => segment.text)
      .join('')

  test('is the beginning of a long text, and the rest is kept', () => {
    const text = `${'a'.repeat(1499)}${'🎉'.repeat(400)}`

    expect(shownText(text)).toBe('a'.repeat(1499))
    expect(shownText(text) + (folded(text)?.rest ?? '')).toBe(text)
    expect(folded('short')).toBeNull()
  })

  test('has at most eighteen lines', () => {
    expect(shownText('line\n'.repeat(100))?.split('\n')).toHaveLength(18)
  })

  test.each(Array.from({ length: 45 }, (_, n) => 1500 - 40 + n))(
    'leads where the whole one leads, with a link at %i',
    (before) => {
      const text = `${'a'.repeat(before - 1)} https://example.community/page ${'b'.repeat(1000)}`
      const whole = textSegments(text).filter(({ kind }) => kind === 'link')

      for (const link of folded(text)?.shown.filter(({ kind }) => kind === 'link') ?? []) {
        expect(whole).toContainEqual(link)
      }
    },
  )

  test('that starts with an overlong link shows its beginning, and links to its full address', () => {
    const link = `https://example.org/${'a'.repeat(5000)}`

    expect(folded(`${link} and more`)?.shown).toEqual([
      expect.objectContaining({ text: link.slice(0, 1500), href: link, host: 'example.org' }),
    ])
  })

  test('keeps code as code', () => {
    const text = `\`\`\`${'x'.repeat(3000)}\`\`\``

    expect(folded(text)?.shown).toMatchObject([{ kind: 'code', isBlock: true }])
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { PROTOCOL_PARTICIPANTS, PROTOCOL_PROPERTIES, Protocol } from '@sotto/wire'
import { expect, test } from 'vitest'
import { protocolWords } from '../../apps/web/src/features/safety/protocol-words.ts'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

const [head = [], , ...rows] =
  readme.slice(readme.indexOf('| protocol |')).split('\n\n', 1)[0]?.split('\n').map(cells) ?? []

/** What the table in README.md says, by protocol. */
function documented(label: string): Record<string, string | undefined> {
  const [, ...answers] = rows.find(([first = '']) => first.startsWith(label)) ?? []
  return Object.fromEntries(Protocol.options.map((protocol, index) => [protocol, answers[index]]))
}

const ofEach = (say: (protocol: Protocol) => string) =>
  Object.fromEntries(Protocol.options.map((protocol) => [protocol, say(protocol)]))

test('README.md has a column for each protocol, without an empty cell', () => {
  expect(head.slice(1)).toEqual(Protocol.options.map((protocol) => `\`${protocol}\``))
  expect(rows.filter((row) => row.length !== head.length || row.includes(''))).toEqual([])
})

test('README.md says how many people a conversation in each protocol has', () => {
  expect(documented('people in a conversation')).toEqual(
    ofEach((protocol) => `${PROTOCOL_PARTICIPANTS[protocol]}`),
  )
})

test.each([
  ['forward secrecy', 'forwardSecrecy'],
  ['post-compromise security', 'postCompromiseSecurity'],
  ['post-quantum security', 'postQuantum'],
] as const)('README.md says which protocol has %s', (label, property) => {
  const expected = ofEach((protocol) => (PROTOCOL_PROPERTIES[protocol][property] ? 'yes' : 'no'))
  expect(documented(label)).toEqual(expected)
})

test('the web app warns of each protocol without forward secrecy, and of no other', () => {
  const warned = Protocol.options.filter((protocol) =>
    protocolWords[protocol].lacks.some(({ message }) => message?.startsWith('No forward secrecy.')),
  )
  expect(warned).toEqual(
    Protocol.options.filter((protocol) => !PROTOCOL_PROPERTIES[protocol].forwardSecrecy),
  )
})

test('the database of the chat service accepts each protocol: a new one needs a migration', () => {
  const folder = new URL('services/chat/src/migrations/', root)
  const checks = readdirSync(folder)
    .toSorted()
    .flatMap((name) => [
      ...readFileSync(new URL(name, folder), 'utf8').matchAll(/check \(protocol in \((.*?)\)\)/g),
    ])
  const accepted = checks.at(-1)?.[1]?.match(/[\w-]+/g)
  expect(accepted).toEqual(expect.arrayContaining(Protocol.options))
})

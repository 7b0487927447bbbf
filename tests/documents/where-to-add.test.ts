import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { authRequests, ClientFrame, chatRequests, ErrorCode, ServerFrame } from '@sotto/wire'
import { authOperatorRequests, chatOperatorRequests } from '@sotto/wire/operator'
import { describe, expect, test } from 'vitest'
import linguiConfig from '../../apps/web/lingui.config.ts'
import { languageTags } from '../../apps/web/src/words/languages.ts'
import { listFiles, repository } from '../source/source-files.ts'

const read = (path: string) => readFileSync(join(repository, path), 'utf8')
const textIn = (place: string) =>
  listFiles()
    .filter((path) => path.startsWith(place))
    .map(read)
    .join('\n')

const protocol = read('PROTOCOL.md')
const [, section = ''] = read('ARCHITECTURE.md').split('\n## Where do I add …\n')
const [table = ''] = section.split('\n## ')
const lists = [...table.matchAll(/^\| (an? [^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, what = '', files = '', reminders = '']) => ({
    what,
    paths: pathsIn(files),
    reminders: pathsIn(reminders),
  }),
)

function pathsIn(cell: string): string[] {
  return [...cell.matchAll(/`([\w./-]*\/[\w./<>-]+|[A-Z_]+\.md)`/g)].map(([, path = '']) => path)
}

/** Whether a path exists; for that of a new file, whether its folder does. */
function isPlaced(path: string): boolean {
  return existsSync(join(repository, path.replace(/\/<name>.*/, '')))
}

describe('ARCHITECTURE.md, "Where do I add …"', () => {
  test('answers for each of these', () => {
    expect(lists.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'an endpoint',
        'a frame from devices',
        'a frame to devices',
        'a kind of content',
        'a protocol',
        'a metric',
        'a setting',
        'a language of the web app',
      ]),
    )
  })

  test.each(lists)('$what: at most five existing files, and all of them exist', (list) => {
    const existing = list.paths.filter((path) => !path.includes('<name>'))
    expect(existing.length).toBeLessThanOrEqual(5)
    expect([...list.paths, ...list.reminders].filter((path) => !isPlaced(path))).toEqual([])
  })
})

/** Names that a text does not have in backquotes, with the place where they are missing. */
const unnamed = (names: readonly string[], text: string, where: string) =>
  names.filter((name) => !text.includes(`\`${name}\``)).map((name) => `${where} lacks \`${name}\``)

const typesOf = (frames: typeof ClientFrame | typeof ServerFrame) =>
  frames.options.map(({ shape }) => shape.type.value)

const [, websocket = ''] = protocol.split('\n## 13. WebSocket\n')
const [framesInProtocol = ''] = websocket.split('\n## ')

test.each([
  ['services/auth/src/routes/', 'authRequests', authRequests],
  ['services/auth/src/routes/operator-routes.ts', 'requests', authOperatorRequests],
  ['services/chat/src/routes/', 'chatRequests', chatRequests],
  ['services/chat/src/routes/operator.ts', 'requests', chatOperatorRequests],
])('%s has a route for each of %s', (place, name, requests) => {
  const text = textIn(place)
  const missing = Object.keys(requests).filter((one) => !text.includes(`${name}.${one},`))
  expect(missing.map((one) => `${place} lacks route(app, ${name}.${one}, …)`)).toEqual([])
})

test('PROTOCOL.md describes every frame', () => {
  const frames = [...typesOf(ClientFrame), ...typesOf(ServerFrame)]
  expect(unnamed(frames, framesInProtocol, 'section 13 of PROTOCOL.md')).toEqual([])
})

test('PROTOCOL.md names every error code', () => {
  expect(unnamed(ErrorCode.options, protocol, 'PROTOCOL.md')).toEqual([])
})

test('each file of packages/sdk/src/content is a kind of content that PROTOCOL.md names', () => {
  const folder = 'packages/sdk/src/content'
  const kinds = readdirSync(join(repository, folder))
    .map((file) => file.replace('.ts', ''))
    .filter((name) => name !== 'content' && name !== 'unsupported')
  const [, registered = ''] = /const KINDS = \{ (.*?) \}/s.exec(read(`${folder}/content.ts`)) ?? []
  expect(registered.split(/,\s*/).sort()).toEqual(kinds.sort())

  const typeRow = protocol.split('\n').find((line) => line.startsWith('| `type` ')) ?? ''
  expect(unnamed(kinds, typeRow, 'the row `type` of PROTOCOL.md §6.1')).toEqual([])
})

test('every language of the web app has catalogs and can be chosen', () => {
  const catalogs = readdirSync(join(repository, 'apps/web/src/words/catalogs'))
  expect(linguiConfig.locales, 'apps/web/lingui.config.ts').toEqual(languageTags)
  expect(catalogs.sort(), 'apps/web/src/words/catalogs').toEqual(languageTags.toSorted())
})

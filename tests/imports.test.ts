import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findUndeclared, findViolations, type Manifest } from './source/import-rules.ts'
import { findCycles, findFolderCycles, scanImports } from './source/scan-imports.ts'
import { listFiles, readSources, repository } from './source/source-files.ts'

const imports = readSources().flatMap(scanImports)

function readManifests(): Map<string, Manifest> {
  const paths = listFiles().filter((path) => /(^|\/)package\.json$/.test(path))
  return new Map(
    paths.map((path) => {
      const folder = dirname(path) === '.' ? '' : `${dirname(path)}/`
      return [folder, JSON.parse(readFileSync(join(repository, path), 'utf8'))]
    }),
  )
}

/** The violations in a hypothetical file. */
const planted = (path: string, line: string) => findViolations(scanImports({ path, text: line }))

test('every import follows the table of who may import whom', () => {
  expect(imports.length).toBeGreaterThan(100)
  expect(findViolations(imports)).toEqual([])
})

test('every imported package is declared by the workspace that imports it', () => {
  expect(findUndeclared(imports, readManifests())).toEqual([])
})

test('OPAQUE is loaded only by its own entry, and thus never with the rest', () => {
  const users = imports.filter(({ specifier }) => specifier === '@sotto/crypto/password')
  expect(users.map(({ from }) => from)).toEqual(['packages/sdk/src/password.ts'])
})

test('no file imports itself through others', () => {
  expect(findCycles(imports)).toEqual([])
})

test('no folder imports itself through others', () => {
  expect(findFolderCycles(imports)).toEqual([])
})

test.each([
  ['services/chat/src/routes/users.ts', "import { openBox } from '@sotto/crypto'"],
  ['services/chat/src/routes/users.ts', "import type { ChatClient } from '@sotto/sdk'"],
  ['services/chat/tests/users.test.ts', "import { ChatClient } from '@sotto/sdk'"],
  ['services/chat/src/domain/envelopes/admit.ts', "import postgres from 'postgres'"],
  ['services/chat/src/domain/envelopes/admit.ts', "import { issue } from '@sotto/auth'"],
  ['services/chat/src/routes/users.ts', "import { jwtVerify } from 'jose'"],
  [
    'services/websocket/src/connections/connection.ts',
    "const { x } = await import('@sotto/crypto')",
  ],
  [
    'services/websocket/src/connections/connection.ts',
    "export * from '../../../packages/crypto/src/index.ts'",
  ],
  ['packages/wire/src/ids.ts', "import { createHash } from 'node:crypto'"],
  ['packages/crypto/src/content.ts', "import { readFile } from 'node:fs/promises'"],
  ['packages/sdk/src/sending/send.ts', "import { CompactEncrypt } from 'jose'"],
  ['packages/sdk/src/sending/send.ts', "import { useState } from 'react'"],
  ['packages/service-runtime/src/log.ts', "import { openBox } from '@sotto/crypto'"],
  ['packages/local-postgres/src/place.ts', "import { createChatService } from '@sotto/chat'"],
  ['services/chat/src/main.ts', "import { findPlace } from '@sotto/local-postgres'"],
  ['apps/web/src/features/timeline.tsx', "import { openBox } from '@sotto/crypto'"],
  ['apps/web/src/features/timeline.tsx', "import { run } from '@sotto/sdk/src/sending/send.ts'"],
  ['apps/all-in-one/src/run.ts', "import { ChatClient } from '@sotto/sdk'"],
  ['tests/network/people.ts', "import { send } from '../../packages/sdk/src/sending/send.ts'"],
])('the scan detects the forbidden import in %s: %s', (path, line) => {
  expect(planted(path, line)).not.toEqual([])
})

test('the scan reads an import over several lines', () => {
  const text = "import {\n  openBox,\n  sealBox,\n} from '@sotto/crypto'\n"
  expect(planted('services/auth/src/app.ts', text)).not.toEqual([])
})

test('the scan detects a package that is used without being declared', () => {
  const manifests = new Map([['packages/wire/', { name: '@sotto/wire', dependencies: {} }]])
  const one = scanImports({ path: 'packages/wire/src/ids.ts', text: "import { z } from 'zod'" })
  expect(findUndeclared(one, manifests)).toHaveLength(1)
})

test('the scan detects a cycle', () => {
  const circle = [
    { path: 'packages/wire/src/a.ts', text: "import './b.ts'" },
    { path: 'packages/wire/src/b.ts', text: "export { x } from './a.ts'" },
  ]
  expect(findCycles(circle.flatMap(scanImports))).toEqual([
    ['packages/wire/src/a.ts', 'packages/wire/src/b.ts', 'packages/wire/src/a.ts'],
  ])
})

test('the scan detects a cycle of folders, also of types', () => {
  const circle = [
    { path: 'packages/wire/src/a/one.ts', text: "import type { Two } from '../b/two.ts'" },
    { path: 'packages/wire/src/b/three.ts', text: "import '../a/four.ts'" },
  ]
  const [a, b] = ['packages/wire/src/a', 'packages/wire/src/b']
  expect(findFolderCycles(circle.flatMap(scanImports))).toEqual([[a, b, a]])
})

test('a file at the root of a workspace may use folders that depend on other files there', () => {
  const files = [
    { path: 'packages/wire/src/index.ts', text: "export * from './a/one.ts'" },
    { path: 'packages/wire/src/a/one.ts', text: "import '../limits.ts'" },
  ]
  expect(findFolderCycles(files.flatMap(scanImports))).toEqual([])
})

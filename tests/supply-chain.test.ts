import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { readAudit } from '../scripts/supply-chain/advisories.ts'
import { renderBillOfMaterials } from '../scripts/supply-chain/bill-of-materials.ts'
import {
  foreignPackages,
  type LockEntry,
  type LockFile,
  readLockFile,
} from '../scripts/supply-chain/lock-file.ts'
import { cryptographicPackages } from '../scripts/supply-chain/policy.ts'
import {
  findInexact,
  findInstallScripts,
  findLooseCryptography,
  findUnlicensed,
  findUnlocked,
} from '../scripts/supply-chain/rules.ts'
import { renderThirdParty, webPackages } from '../scripts/supply-chain/third-party.ts'
import { renderWebNotices } from '../scripts/supply-chain/web-notices.ts'
import { repository } from './source/source-files.ts'

const lock = readLockFile()
const read = (path: string) => readFileSync(join(repository, path), 'utf8')

/** The lockfile with one added or replaced entry. */
const lockWith = (folder: string, entry: LockEntry): LockFile =>
  new Map([...lock, [folder, { ...lock.get(folder), ...entry }]])

const stranger: LockEntry = {
  version: '1.0.0',
  resolved: 'https://registry.npmjs.org/stranger/-/stranger-1.0.0.tgz',
  integrity: `sha512-${'A'.repeat(86)}==`,
  license: 'MIT',
}
const { integrity: _integrity, ...withoutHash } = stranger
const { resolved: _resolved, ...withoutOrigin } = stranger
const { license: _license, ...withoutLicense } = stranger

describe('the lockfile', () => {
  test('fixes the content of every package, all from the registry', () => {
    expect(lock.size).toBeGreaterThan(300)
    expect(findUnlocked(lock)).toEqual([])
    expect(findUnlocked(lockWith('node_modules/stranger', stranger))).toEqual([])
  })

  test.each<[string, LockEntry]>([
    ['without a hash', withoutHash],
    ['with a weak hash', { ...stranger, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['without an origin', withoutOrigin],
    ['from elsewhere', { ...stranger, resolved: 'https://example.org/stranger-1.0.0.tgz' }],
    ['over plain HTTP', { ...stranger, resolved: 'http://registry.npmjs.org/stranger.tgz' }],
    ['from a repository', { ...stranger, resolved: 'git+ssh://git@example.org/stranger.git#1' }],
    [
      'from a host that looks alike',
      { ...stranger, resolved: 'https://registry.npmjs.org.evil.test/s.tgz' },
    ],
    ['that is a link to somewhere', { link: true, resolved: '../stranger' }],
  ])('is rejected if it contains a package %s', (_what, entry) => {
    expect(findUnlocked(lockWith('node_modules/stranger', entry))).toHaveLength(1)
    expect(
      findUnlocked(lockWith('node_modules/fastify/node_modules/stranger', entry)),
    ).toHaveLength(1)
  })
})

describe('licenses', () => {
  test('are all allowed, or excepted with a reason', () => {
    expect(findUnlicensed(lock)).toEqual([])
  })

  test.each<[string, LockEntry]>([
    ['not on the list', { ...stranger, license: 'GPL-3.0-only' }],
    ['of which one part is not on the list', { ...stranger, license: '(MIT AND AGPL-3.0-only)' }],
    ['that is missing', withoutLicense],
    ['to be looked up', { ...stranger, license: 'SEE LICENSE IN LICENSE' }],
  ])('are rejected if %s', (_what, entry) => {
    expect(findUnlicensed(lockWith('node_modules/stranger', entry))).toHaveLength(1)
  })

  test('with a choice count as the allowed one', () => {
    const choice = { ...stranger, license: '(MIT OR GPL-3.0-only)' }
    expect(findUnlicensed(lockWith('node_modules/stranger', choice))).toEqual([])
  })

  test('that only tools may have are rejected in delivered packages', () => {
    const { dev: _dev, ...handedOut } = lock.get('node_modules/lightningcss') ?? {}
    const changed = new Map([...lock, ['node_modules/lightningcss', handedOut]])
    expect(findUnlicensed(changed)).toContainEqual(
      expect.stringContaining('node_modules/lightningcss has the license'),
    )
  })
})

test('only known packages run a program during installation', () => {
  expect(findInstallScripts(lock)).toEqual([])
  const running = { ...stranger, hasInstallScript: true }
  expect(findInstallScripts(lockWith('node_modules/stranger', running))).toHaveLength(1)
})

describe('versions', () => {
  test('of our own dependencies are exact', () => {
    expect(findInexact(lock)).toEqual([])
    for (const version of ['^1.0.0', '~1.0.0', '>=1.0.0', '1', '*', 'latest', 'npm:other@1.0.0']) {
      const changed = lockWith('services/chat', { dependencies: { stranger: version } })
      expect(findInexact(changed)).toHaveLength(1)
    }
  })

  test('of cryptographic packages are exact everywhere, with only one copy of each', () => {
    expect(findLooseCryptography(lock)).toEqual([])
    const asking = { ...stranger, dependencies: { jose: '^6.0.0' } }
    expect(findLooseCryptography(lockWith('node_modules/stranger', asking))).toHaveLength(1)
    const copy = { ...stranger, version: '5.0.0' }
    const second = lockWith('node_modules/stranger/node_modules/@noble/hashes', copy)
    expect(findLooseCryptography(second)).toHaveLength(1)
  })

  test('are checked for everything that protects messages and log-ins', () => {
    const { dependencies = {} } = lock.get('packages/crypto') ?? {}
    const needed = Object.keys(dependencies).filter((name) => !/^(@sotto\/|zod$)/.test(name))
    expect(cryptographicPackages).toEqual(expect.arrayContaining(needed))
  })
})

describe('third-party software', () => {
  test('THIRD_PARTY.md is up to date; npm run third-party writes it', () => {
    expect(read('THIRD_PARTY.md')).toBe(renderThirdParty(lock))
  })

  test('the web app delivers its notices', async () => {
    const notices = await renderWebNotices()
    const names = webPackages(lock).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['react', 'zod', 'jose', '@serenity-kit/opaque']))
    for (const name of names) expect(notices).toContain(`\n${name} `)
    expect(notices.match(/Permission is hereby granted/g)?.length).toBeGreaterThan(10)
  })
})

describe('the bill of materials', () => {
  const schemas = join(repository, 'node_modules/@cyclonedx/cyclonedx-library/res/schema')
  const schema = (name: string) =>
    JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), 'utf8'))
  const bill = JSON.parse(renderBillOfMaterials(lock))

  test('is CycloneDX 1.6', () => {
    // The formats in the schema are not in Ajv's own vocabulary.
    const ajv = new Ajv({ strict: false, validateFormats: false })
    for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
      ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
    }
    const isValid = ajv.compile(schema('bom-1.6'))
    expect(isValid(bill) || isValid.errors).toBe(true)
    expect(isValid({ ...bill, components: [{ type: 'library' }] })).toBe(false)
  })

  test('names every package with version, license, origin and hash', () => {
    const packages = foreignPackages(lock)
    // biome-ignore lint/suspicious/noExplicitAny: read from JSON that a schema has checked
    const components = bill.components.filter(({ purl }: any) => purl !== undefined)
    expect(components).toHaveLength(packages.length)
    for (const component of components) {
      expect(component).toMatchObject({
        version: expect.any(String),
        licenses: [expect.anything()],
        hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
        externalReferences: [{ url: expect.stringContaining('https://registry.npmjs.org/') }],
      })
    }
    expect(components).toContainEqual(
      expect.objectContaining({ purl: 'pkg:npm/%40noble/curves@2.0.1', scope: 'required' }),
    )
    expect(components).toContainEqual(
      expect.objectContaining({ name: 'vitest', scope: 'excluded' }),
    )
  })

  test('lists all dependencies', () => {
    const dependsOn = (ref: string) =>
      // biome-ignore lint/suspicious/noExplicitAny: read from JSON that a schema has checked
      bill.dependencies.find((one: any) => one.ref === ref)?.dependsOn
    expect(dependsOn('sotto')).toContain('services/auth')
    expect(dependsOn('services/auth')).toContain('node_modules/jose')
    expect(dependsOn('node_modules/@noble/curves')).toEqual(['node_modules/@noble/hashes'])
  })
})

/** npm's report about a vulnerability of the package in `folder`. */
const reported = (folder: string, severity: string) =>
  JSON.stringify({
    vulnerabilities: {
      one: {
        nodes: [folder],
        via: [
          {
            name: 'one',
            title: 'A vulnerability',
            url: 'https://github.com/advisories/GHSA-1',
            severity,
          },
        ],
      },
      two: { nodes: [folder], via: ['one'] },
    },
  })

describe('known vulnerabilities', () => {
  test.each([
    ['node_modules/fastify', 'moderate', true],
    ['node_modules/fastify', 'low', false],
    ['node_modules/vitest', 'critical', true],
    ['node_modules/vitest', 'high', false],
  ])('of %s that are %s: serious is %s', (folder, severity, isSerious) => {
    const advisories = readAudit(reported(folder, severity), lock)
    expect(advisories?.serious).toHaveLength(isSerious ? 1 : 0)
    expect(advisories?.others).toHaveLength(isSerious ? 0 : 1)
  })

  test.each(['', 'Bad gateway', '{"message":"405","error":{}}'])(
    'are unknown after %j',
    (answer) => {
      expect(readAudit(answer, lock)).toBeUndefined()
    },
  )

  /** Runs the check of `npm test` against a registry. */
  async function audit(registry: string) {
    const args = ['scripts/audit.mjs', `--registry=${registry}`]
    const child = spawn(process.execPath, args, { cwd: repository })
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    return { status, output: output + errors }
  }

  test('fail the check if the registry reports them, and are named', async () => {
    const advisory = {
      id: 1,
      title: 'Anybody may do anything',
      url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
      severity: 'critical',
      vulnerable_versions: '<999.0.0',
    }
    // npm also requests the versions of the affected packages.
    const versionsOf = (name: string) => {
      const version = lock.get(`node_modules/${name}`)?.version ?? '1.0.0'
      const versions = { [version]: { name, version, dist: {} } }
      return { name, 'dist-tags': { latest: version }, versions }
    }
    const registry = createServer(({ method, url = '/' }, response) => {
      const name = decodeURIComponent(url.slice(1))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(method === 'POST' ? { fastify: [advisory] } : versionsOf(name)))
    })
    registry.listen(0, '127.0.0.1')
    await once(registry, 'listening')
    const { port } = registry.address() as AddressInfo

    const { status, output } = await audit(`http://127.0.0.1:${port}`)
    registry.close()
    expect(output).toContain('critical: fastify: Anybody may do anything')
    expect(status).toBe(1)
  })

  test('are reported as unchecked without a network, which is not a failure', async () => {
    const unused = createServer().listen(0, '127.0.0.1')
    await once(unused, 'listening')
    const { port } = unused.address() as AddressInfo
    unused.close()

    const { status, output } = await audit(`http://127.0.0.1:${port}`)
    expect(output).toContain('Not checked')
    expect(status).toBe(0)
  })
})

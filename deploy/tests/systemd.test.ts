import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../../tests/source/source-files.ts'

const read = (path: string) => readFileSync(join(repository, path), 'utf8')
const unit = read('deploy/systemd/sotto.service')

/** The value after `NAME=` in the unit; empty if there is none. */
const setting = (name: string): string => unit.match(new RegExp(`^${name}=(.*)$`, 'm'))?.[1] ?? ''

test('the systemd unit runs `npm start` with the user and folders that the documents name', () => {
  const documents = read('docs/operating.md')
  const { scripts } = JSON.parse(read('package.json'))

  expect(setting('ExecStart')).toMatch(/ npm start$/)
  expect(scripts.start).toContain('start.mjs')
  expect(documents).toContain(`useradd --system ${setting('User')}\n`)
  expect(documents).toContain(`chown -R ${setting('User')} ${setting('WorkingDirectory')}\n`)
  expect(documents).toContain(`touch ${setting('EnvironmentFile')} `)
  const data = `SOTTO_DATA=/var/lib/${setting('StateDirectory')}`
  expect(setting('Environment')).toContain(data)
  expect(documents).toContain(`sudo -u ${setting('User')} ${data} npm run admin`)
})

test('it may listen on port 443, but do nothing else that only root may', () => {
  expect(setting('AmbientCapabilities')).toBe('CAP_NET_BIND_SERVICE')
  expect(setting('CapabilityBoundingSet')).toBe('CAP_NET_BIND_SERVICE')
  expect(setting('NoNewPrivileges')).toBe('true')
})

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Decrypter } from 'age-encryption'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BackupRecord, createBackupWriter, readBackup } from '../src/backup/backup-file.ts'
import { chooseRecipients, makeIdentity, readIdentities } from '../src/backup/backup-keys.ts'
import { restoreSecrets } from '../src/backup/secret-files.ts'

const CHUNK = 64 * 1024 + 16
const rows = randomBytes(300_000)
const secrets = { 'secrets.json': JSON.stringify({ opaqueSetup: 'the setup', more: 'a secret' }) }

let folder: string
let file: string
let key: string
let recipient: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-encrypted-'))
  key = join(folder, 'key')
  recipient = await makeIdentity(key)
  file = join(folder, 'one.backup.age')
  await write(file, [recipient])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(target: string, recipients: string[]) {
  const chosen = chooseRecipients({ recipient: recipients, unencrypted: false }, {})
  const writer = await createBackupWriter(target, chosen)
  await writer.head({ takenAt: '2026-01-01T00:00:00Z', migrations: {} })
  await writer.secrets(secrets)
  await writer.table({ schema: 'chat', table: 'envelopes', columns: ['id'] })
  await writer.rows(rows.subarray(0, 1_000))
  await writer.rows(rows.subarray(1_000))
  await writer.finish({ 'chat.envelopes': 2 })
}

async function read(source: string, ...keys: string[]): Promise<BackupRecord[]> {
  const records: BackupRecord[] = []
  for await (const record of readBackup(source, await readIdentities(keys))) records.push(record)
  return records
}

/** A copy of the file with a modification. */
async function spoiled(name: string, spoil: (bytes: Buffer) => Buffer): Promise<string> {
  const copy = join(folder, `${name.replaceAll(' ', '-')}.backup.age`)
  await writeFile(copy, spoil(await readFile(file)))
  return copy
}

const flipped = (at: (bytes: Buffer) => number) => (bytes: Buffer) => {
  const place = at(bytes)
  bytes[place] = (bytes[place] ?? 0) ^ 1
  return bytes
}

describe('an encrypted backup', () => {
  test('can be opened with the identity of any of its recipients', async () => {
    const other = join(folder, 'other key')
    const both = join(folder, 'both.backup.age')
    await write(both, [recipient, await makeIdentity(other)])

    for (const one of [key, other]) {
      const [head, secret, table, ...rest] = await read(both, one)
      expect([head?.kind, secret?.kind, table?.kind]).toEqual(['head', 'secrets', 'table'])
      expect(secret).toMatchObject({ files: secrets })
      const bytes = rest.flatMap((record) => (record.kind === 'rows' ? [record.bytes] : []))
      expect(Buffer.concat(bytes).equals(rows)).toBe(true)
      expect(rest.at(-1)).toEqual({ kind: 'end', rows: { 'chat.envelopes': 2 } })
    }
  })

  test('has the age format: gzip is inside, and nothing is in plaintext', async () => {
    const bytes = await readFile(file)
    const decrypter = new Decrypter()
    for (const identity of await readIdentities([key])) decrypter.addIdentity(identity)
    const plain = await decrypter.decrypt(bytes)

    expect(bytes.subarray(0, 22).toString()).toBe('age-encryption.org/v1\n')
    expect(Buffer.from(plain.subarray(0, 2)).toString('hex')).toBe('1f8b')
    for (const secret of ['the setup', 'envelopes', 'sotto backup']) {
      expect(bytes.includes(secret)).toBe(false)
    }
  })

  test('that was encrypted by age 1.1.1 can be read', async () => {
    const made = new URL('./vectors/age-1.1.1/', import.meta.url)
    const [first, last] = await read(
      fileURLToPath(new URL('small.backup.age', made)),
      fileURLToPath(new URL('identity', made)),
    )
    expect(first).toMatchObject({ kind: 'head', head: { takenAt: '2026-01-01T00:00:00Z' } })
    expect(last).toEqual({ kind: 'end', rows: {} })
  })

  test('requires the right identity', async () => {
    const other = join(folder, 'wrong key')
    await makeIdentity(other)

    await expect(read(file)).rejects.toThrow('Set --identity to the file with the key')
    await expect(read(file, other)).rejects.toThrow('encrypted to another recipient')
    await expect(read(key, key)).rejects.toThrow('not a complete backup of Sotto')
    await expect(readIdentities([file])).rejects.toThrow('is encrypted. Decrypt it first')
    await expect(readIdentities([join(folder, 'nowhere')])).rejects.toThrow('does not exist')
  })

  test.each([
    ['damaged in its header', (bytes: Buffer) => bytes.indexOf('---') + 10, 'header'],
    ['damaged in the middle', () => 3 * CHUNK, 'is damaged: it was changed after'],
    ['damaged at its end', (bytes: Buffer) => bytes.length - 1, 'damaged at its end'],
  ])('that is %s is reported as such', async (name, at, words) => {
    await expect(read(await spoiled(name, flipped(at)), key)).rejects.toThrow(words)
  })

  test.each([
    ['within the first line', 10],
    ['within the list of recipients', 60],
    ['in the middle of a chunk', 2 * CHUNK + 1_000],
    ['by a byte', -1],
  ])('that is truncated %s is reported as such', async (name, length) => {
    const copy = await spoiled(`cut ${name}`, (bytes) => bytes)
    await truncate(copy, length < 0 ? (await stat(copy)).size + length : length)

    await expect(read(copy, key)).rejects.toThrow('truncated')
  })

  test('that is truncated at the end of a chunk is detected', async () => {
    const whole = await readFile(file)
    const payload = whole.indexOf('\n', whole.indexOf('\n---') + 1) + 1 + 16
    const copy = await spoiled('cut at a chunk', (bytes) => bytes.subarray(0, payload + 2 * CHUNK))

    await expect(read(copy, key)).rejects.toThrow('truncated')
  })

  test('has no two chunks that can be swapped, and nothing can be appended', async () => {
    const start = (bytes: Buffer) => bytes.indexOf('\n', bytes.indexOf('\n---') + 1) + 1 + 16
    const swapped = await spoiled('swapped', (bytes) => {
      const [first, second] = [0, 1].map((n) =>
        Buffer.from(bytes.subarray(start(bytes) + n * CHUNK, start(bytes) + (n + 1) * CHUNK)),
      )
      second?.copy(bytes, start(bytes))
      first?.copy(bytes, start(bytes) + CHUNK)
      return bytes
    })
    const longer = await spoiled('longer', (bytes) => Buffer.concat([bytes, Buffer.from('more')]))

    await expect(read(swapped, key)).rejects.toThrow('is damaged: it was changed after 0 bytes')
    await expect(read(longer, key)).rejects.toThrow(/damaged/)
  })
})

describe('the secrets of a backup', () => {
  test('are restored to a folder without any, for its owner only', async () => {
    const data = join(folder, 'data')
    await restoreSecrets(data, secrets, 'own')

    expect(await readFile(join(data, 'secrets.json'), 'utf8')).toBe(secrets['secrets.json'])
    expect((await stat(join(data, 'secrets.json'))).mode & 0o777).toBe(0o600)
  })

  test('are kept if the folder has the same ones, even if keys changed since', async () => {
    const data = join(folder, 'same')
    await mkdir(data)
    const newer = JSON.stringify({ opaqueSetup: 'the setup', more: 'a newer secret' })
    await writeFile(join(data, 'secrets.json'), newer)
    await restoreSecrets(data, secrets, 'own')

    expect(await readFile(join(data, 'secrets.json'), 'utf8')).toBe(newer)
  })

  test('of another Sotto, or none at all, are rejected before anything is touched', async () => {
    const data = join(folder, 'another')
    await mkdir(data)
    await expect(restoreSecrets(data, undefined, 'own')).rejects.toThrow('put it there first')
    await writeFile(join(data, 'secrets.json'), JSON.stringify({ opaqueSetup: 'another' }))

    await expect(restoreSecrets(data, secrets, 'own')).rejects.toThrow('secrets of another Sotto')
  })

  test('in a folder for containers are restored file by file', async () => {
    const files = { auth_opaque_setup: 'setup\n', auth_code_pepper: 'old', 'senders.env': 'A=1' }
    const target = join(folder, 'containers')
    await mkdir(target)
    await writeFile(join(target, 'auth_code_pepper'), 'new')
    await restoreSecrets(target, files, 'folder')

    expect((await readdir(target)).sort()).toEqual(Object.keys(files).sort())
    expect(await readFile(join(target, 'auth_code_pepper'), 'utf8')).toBe('new')
    expect((await stat(join(target, 'senders.env'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(target, 'auth_opaque_setup'))).mode & 0o777).toBe(0o444)
  })
})

describe('npm run backup', () => {
  const run = (args: string[], env: Record<string, string> = {}) =>
    promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL('../src/backup.ts', import.meta.url)), ...args],
      { env: { ...process.env, ...env } },
    )

  test('creates a key that only its owner can read, once, and says what to do with it', async () => {
    const made = join(folder, 'made key')
    const { stdout } = await run(['--new-key', made])
    const text = await readFile(made, 'utf8')

    expect((await stat(made)).mode & 0o777).toBe(0o600)
    expect(text).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]+$/m)
    expect(stdout).not.toContain('AGE-SECRET-KEY')
    const [, printed = ''] = /^BACKUP_RECIPIENT=(age1[0-9a-z]+)$/m.exec(stdout) ?? []
    expect(text).toContain(`# public key: ${printed}`)
    expect(stdout).toContain('neither on this machine nor with the backups')
    await expect(makeIdentity(made)).rejects.toThrow('already')
    expect(await readFile(made, 'utf8')).toBe(text)
  })

  test('without a recipient says what to do, and writes nothing', async () => {
    const to = join(folder, 'never')
    const refused = run(['--to', to, '--data', folder], { BACKUP_RECIPIENT: '' })

    await expect(refused).rejects.toThrow(
      /No backup was taken.*\n.*--new-key FILE.*\n.*--unencrypted/,
    )
    expect(await readdir(folder)).not.toContain('never')
  })

  test.each([
    ['an identity', 'AGE-SECRET-KEY-1QQQ', 'take recipients, which begin with age1'],
    ['something else', 'age1nothing', 'take recipients in the age format'],
  ])('rejects %s as a recipient and does not repeat it', (_, given, words) => {
    const choose = () => chooseRecipients({ unencrypted: false }, { BACKUP_RECIPIENT: given })

    expect(choose).toThrow(words)
    expect(choose).not.toThrow(given)
  })

  test('prefers the command line to the configuration, and accepts several of both', () => {
    const env = { BACKUP_RECIPIENT: `${recipient},${recipient}` }

    expect(chooseRecipients({ unencrypted: false }, env)).toEqual([recipient, recipient])
    expect(chooseRecipients({ recipient: [recipient], unencrypted: false }, env)).toHaveLength(1)
    expect(chooseRecipients({ unencrypted: true }, env)).toEqual([])
    const both = { recipient: [recipient], unencrypted: true }
    expect(() => chooseRecipients(both, {})).toThrow('exclude each other')
  })
})

import assert from 'node:assert/strict'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { containersOf, untilHealthy } from './containers.ts'
import { Installation } from './installation.ts'
import { compose, type Trial } from './trial.ts'

/** A backup and the key that opens it. */
export interface Kept {
  readonly file: string
  readonly key: string
}

/**
 * Takes a backup while people exchange messages, and runs the restore drill. Leaves the file in
 * `folder`, apart from both machines.
 */
export async function takeBackup({ installation, people }: Trial, folder: string): Promise<Kept> {
  const key = join(folder, 'key')
  await mkdir(folder)
  const printed = await installation.type('npm run backup -- --new-key KEY', { KEY: key })
  const recipient = /BACKUP_RECIPIENT=(age1\w+)/.exec(printed)?.[1] ?? ''
  let isOver = false
  const talk = people.writeUntil('while a backup is taken', () => isOver)
  await installation
    .type(
      'npm run backup -- --database "$(cat deploy/secrets/postgres_url)" --secrets deploy/secrets',
      {},
      { BACKUP_RECIPIENT: recipient },
    )
    .finally(() => {
      isOver = true
    })
  await talk
  const backups = join(installation.folder, 'backups')
  const [name = '', ...more] = await readdir(backups)
  assert.match(name, /\.age$/)
  assert.deepEqual(more, [])
  const file = join(folder, name)
  await cp(join(backups, name), file)
  const words = { FILE: file, KEY: key }
  const drill = await installation.type('npm run restore -- FILE --identity KEY --verify', words)
  assert.match(drill, /can be restored/)
  assert.match(drill, /chat\.envelopes \d+/)
  assert.match(drill, /The backup contains the secrets/)
  return { file, key }
}

/** Sets up a new machine from nothing but a backup, after the former one is gone. */
export async function restoreElsewhere(
  { installation: former }: Trial,
  { file, key }: Kept,
  { project, settings }: { project: string; settings: Readonly<Record<string, string>> },
): Promise<Installation> {
  await former.type(`${compose} down`)
  assert.equal((await containersOf(former.project)).size, 0)
  const folder = join(dirname(former.folder), 'elsewhere')
  const installation = await Installation.clone(folder, project)
  await cp(file, join(folder, basename(file)))
  const words = { FILE: basename(file), KEY: key }
  await installation.type('npm run restore -- FILE --identity KEY --secrets deploy/secrets', words)
  await installation.type('npm run deploy:secrets')
  await installation.writeSettings(settings)
  await installation.type(`${compose} up -d --build --wait postgres`)
  await installation.type(
    'npm run restore -- FILE --identity KEY --database "$(cat deploy/secrets/postgres_url)"',
    words,
  )
  await installation.type(`${compose} up -d --build --wait`)
  await untilHealthy(project)
  for (const name of ['auth_opaque_setup', 'auth_signing_key', 'tls_key', 'postgres_password']) {
    const path = `deploy/secrets/${name}`
    assert.equal(await installation.read(path), await former.read(path), name)
  }
  return installation
}

/** Removes every container and starts again with the remaining volumes. */
export async function takeDownAndUp({ installation, people }: Trial): Promise<void> {
  await people.write('before it is taken down', 5)
  await installation.type(`${compose} down`)
  assert.equal((await containersOf(installation.project)).size, 0)
  await installation.type(`${compose} up -d --build --wait`)
  await people.write('after it came up', 5)
}

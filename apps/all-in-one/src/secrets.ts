import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newOpaqueSetup, newSigningKey } from '@sotto/auth'
import { StartError, systemCode } from '@sotto/service-runtime'
import { z } from 'zod'
import { writeSecretly } from './write-secretly.ts'

/** The secrets of this installation. */
const Secrets = z.strictObject({
  v: z.literal(1),
  /** PKCS#8 PEM, Ed25519: signs access tokens. */
  signingKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
  /** The long-term secret of OPAQUE. Without it, no existing password works. */
  opaqueSetup: z.string().min(100),
  /** The key for hashes of one-time codes. */
  codePepper: z.string().min(32),
  databasePasswords: z.strictObject({ auth: z.string().min(16), chat: z.string().min(16) }),
})
export type Secrets = z.infer<typeof Secrets>

/**
 * Reads `secrets.json` of the data folder, or creates it at the first start. Throws StartError if
 * it is damaged, or missing beside a database: with new secrets, no one could log in to the
 * existing one.
 */
export async function loadSecrets(dataFolder: string): Promise<Secrets> {
  const file = join(dataFolder, 'secrets.json')
  const text = await read(file)
  if (text !== undefined) return parse(file, text)
  const hasDatabase = await access(join(dataFolder, 'postgres')).then(
    () => true,
    () => false,
  )
  if (hasDatabase) {
    throw new StartError(`${file} is missing, and without it the database is useless. Restore it.`)
  }
  const secrets = await generate()
  await writeSecretly(file, `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new StartError(`${file} cannot be read (${systemCode(error)}).`)
  }
}

function parse(file: string, text: string): Secrets {
  try {
    return Secrets.parse(JSON.parse(text))
  } catch {
    // Without the cause, which may quote the content of the file.
    throw new StartError(`${file} is damaged. Restore it from a backup.`)
  }
}

async function generate(): Promise<Secrets> {
  return {
    v: 1,
    signingKey: newSigningKey(),
    opaqueSetup: await newOpaqueSetup(),
    codePepper: randomText(),
    databasePasswords: { auth: randomText(), chat: randomText() },
  }
}

const randomText = () => randomBytes(32).toString('base64url')

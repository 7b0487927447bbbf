import { open, readFile } from 'node:fs/promises'
import { type Env, list, readConfig, StartError, systemCode } from '@sotto/service-runtime'
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { z } from 'zod'

/** The variables of `npm run backup`. */
export const backupVariables = z.object({
  BACKUP_RECIPIENT: list
    .refine(
      // An identity, which must not be here, gets a separate error message.
      (recipients) => recipients.every((one) => /^(age1|AGE-SECRET-KEY-)/i.test(one)),
      'must be recipients like age1…; npm run backup -- --new-key FILE makes one',
    )
    .default([]),
})

/**
 * A validated public key of the age format. Its identity opens everything that is encrypted to it.
 */
export type Recipient = string & { readonly __brand: 'Recipient' }
/** A validated private key of the age format. */
export type Identity = string & { readonly __brand: 'Identity' }

const MAX_IDENTITY_FILE_BYTES = 64 * 1024

const howTo = `\`npm run backup -- --new-key FILE\` creates a key and prints the value for BACKUP_RECIPIENT.
--unencrypted writes the rows in plaintext and omits the secrets, in case you encrypt backups in another way.`

/**
 * The recipients who can open a backup: those on the command line, otherwise those of
 * `BACKUP_RECIPIENT`. None only if explicitly requested. Throws StartError.
 */
export function chooseRecipients(
  { recipient = [], unencrypted }: { recipient?: readonly string[]; unencrypted: boolean },
  env: Env,
): Recipient[] {
  if (unencrypted && recipient.length > 0) {
    throw new StartError('--recipient and --unencrypted exclude each other.')
  }
  if (unencrypted) return []
  const named = recipient.length > 0 ? recipient : readConfig(backupVariables, env).BACKUP_RECIPIENT
  if (named.length > 0) return named.map(parseRecipient)
  throw new StartError(
    `No backup was taken: it would contain the secrets and who wrote to whom, and there is no recipient to encrypt it to.\n${howTo}`,
  )
}

// The typed text is not repeated, because it may be a private key.
function parseRecipient(text: string): Recipient {
  if (/^AGE-SECRET-KEY-/i.test(text)) {
    throw new StartError(
      'BACKUP_RECIPIENT and --recipient take recipients, which begin with age1. An identity opens backups and must not be on this machine.',
    )
  }
  try {
    new Encrypter().addRecipient(text)
    return text as Recipient
  } catch {
    throw new StartError(
      `BACKUP_RECIPIENT and --recipient take recipients in the age format (age1…).\n${howTo}`,
    )
  }
}

/**
 * Generates an identity in a new file that only its owner can read, in the form of `age-keygen`, and returns its
 * recipient. Throws StartError, including when the file already exists, because it may open other backups.
 */
export async function makeIdentity(file: string): Promise<string> {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      const created = new Date().toISOString()
      await handle.writeFile(`# created: ${created}\n# public key: ${recipient}\n${identity}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new StartError(`${file} already exists.`)
    throw new StartError(`${file} is not writable (${systemCode(error)}).`)
  }
  return recipient
}

/** Reads identity files in the form of `age-keygen`. Throws StartError. */
export async function readIdentities(files: readonly string[]): Promise<Identity[]> {
  const identities: Identity[] = []
  for (const file of files) identities.push(...parseIdentities(file, await readText(file)))
  return identities
}

async function readText(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString('utf8', 0, MAX_IDENTITY_FILE_BYTES)
  } catch (error) {
    const isMissing = systemCode(error) === 'ENOENT'
    throw new StartError(
      isMissing ? `${file} does not exist.` : `${file} cannot be read (${systemCode(error)}).`,
    )
  }
}

function parseIdentities(file: string, text: string): Identity[] {
  if (/^(age-encryption\.org\/|-----BEGIN AGE ENCRYPTED)/.test(text)) {
    throw new StartError(`${file} is encrypted. Decrypt it first: age --decrypt.`)
  }
  const lines = text.split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  try {
    for (const identity of identities) new Decrypter().addIdentity(identity)
  } catch {
    throw new StartError(
      `${file} is not an identity file: the lines of one begin with AGE-SECRET-KEY-.`,
    )
  }
  if (identities.length === 0) throw new StartError(`${file} contains no identity.`)
  return identities as Identity[]
}

import { open, readFile } from 'node:fs/promises'
import { type Env, list, readConfig, StartError, systemCode } from '@sotto/service-runtime'
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { z } from 'zod'

/** The variables of `npm run backup`. */
export const backupVariables = z.object({
  BACKUP_RECIPIENT: list
    .refine(
      // An identity, which must not be here, is refused in words of its own.
      (recipients) => recipients.every((one) => /^(age1|AGE-SECRET-KEY-)/i.test(one)),
      'must be recipients like age1…; npm run backup -- --new-key FILE makes one',
    )
    .default([]),
})

/** A public key of the format age, checked. Whoever has its identity opens what is encrypted to it. */
export type Recipient = string & { readonly __brand: 'Recipient' }
/** A private key of the format age, checked. */
export type Identity = string & { readonly __brand: 'Identity' }

const MAX_IDENTITY_FILE_BYTES = 64 * 1024

const howTo = `\`npm run backup -- --new-key FILE\` makes a key and prints what BACKUP_RECIPIENT has to be.
With --unencrypted the secrets are left out and the rows are as they are, for those who encrypt them in another way.`

/**
 * Those who will be able to open a backup: the ones that were typed, or else those of `BACKUP_RECIPIENT`.
 * None only where somebody said so. Throws StartError.
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
    `No backup was taken: it holds the secrets and who wrote to whom, and there is nobody to encrypt it to.\n${howTo}`,
  )
}

// What was typed is not repeated: it may be a private key.
function parseRecipient(text: string): Recipient {
  if (/^AGE-SECRET-KEY-/i.test(text)) {
    throw new StartError(
      'BACKUP_RECIPIENT and --recipient take what begins with age1. An identity opens backups: it must not be on this machine.',
    )
  }
  try {
    new Encrypter().addRecipient(text)
    return text as Recipient
  } catch {
    throw new StartError(
      `BACKUP_RECIPIENT and --recipient take recipients of the format age (age1…).\n${howTo}`,
    )
  }
}

/**
 * Makes an identity in a new file that is readable for its owner only, in the form of `age-keygen`, and
 * returns its recipient. Throws StartError, also when there is a file already: it may open other backups.
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
    if (systemCode(error) === 'EEXIST') throw new StartError(`There is a ${file} already.`)
    throw new StartError(`${file} cannot be written (${systemCode(error)}).`)
  }
  return recipient
}

/** Reads identity files as `age-keygen` writes them. Throws StartError. */
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
      isMissing ? `There is no ${file}.` : `${file} cannot be read (${systemCode(error)}).`,
    )
  }
}

function parseIdentities(file: string, text: string): Identity[] {
  if (/^(age-encryption\.org\/|-----BEGIN AGE ENCRYPTED)/.test(text)) {
    throw new StartError(`${file} is encrypted itself. Decrypt it first: age --decrypt.`)
  }
  const lines = text.split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  try {
    for (const identity of identities) new Decrypter().addIdentity(identity)
  } catch {
    throw new StartError(`${file} is no identity file: its lines begin with AGE-SECRET-KEY-.`)
  }
  if (identities.length === 0) throw new StartError(`There is no identity in ${file}.`)
  return identities as Identity[]
}

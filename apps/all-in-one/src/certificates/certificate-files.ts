import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '@sotto/service-runtime'
import { writeSecretly } from '../write-secretly.ts'

/** A certificate chain and its key in one text: both change together or not at all. */
export interface Certificate {
  /** PEM. NGINX and Node find in it what they look for. */
  readonly pem: string
  readonly notBefore: number
  readonly notAfter: number
}

/** Reads PEM that has a chain and a key. Throws when they are damaged or do not belong together. */
function readCertificate(pem: string): Certificate {
  const leaf = new X509Certificate(pem)
  if (!leaf.checkPrivateKey(createPrivateKey(pem)))
    throw new Error('the key is of another certificate')
  return { pem, notBefore: Date.parse(leaf.validFrom), notAfter: Date.parse(leaf.validTo) }
}

/** The folder in the data folder with the account at the authority and the certificate of `domain`. */
export function certificateFiles(dataFolder: string, domain: string) {
  const folder = join(dataFolder, 'acme')
  const account = join(folder, 'account.pem')
  const file = join(folder, `${domain}.pem`)
  async function keep(file: string, text: string) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeSecretly(file, text)
  }
  return {
    /** Where the certificate is, with its key. */
    file,

    /** The one that was kept; undefined when there is none, or none that can be used. */
    async read(): Promise<Certificate | undefined> {
      const pem = await readIfThere(file)
      try {
        return pem === undefined ? undefined : readCertificate(pem)
      } catch {
        return undefined
      }
    },

    async write(pem: string): Promise<Certificate> {
      const certificate = readCertificate(pem)
      await keep(file, pem)
      return certificate
    },

    /** The key of the account, made by `create` the first time. Shows that the folder can be written to. */
    async accountKey(create: () => Promise<Buffer>): Promise<string> {
      const kept = await readIfThere(account)
      const key = kept ?? (await create()).toString()
      await keep(account, key)
      return key
    },
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

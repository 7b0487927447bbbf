import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '@sotto/service-runtime'
import { writeSecretly } from '../write-secretly.ts'

/** A certificate chain and its key in one file, so that they only change together. */
export interface Certificate {
  /** PEM. NGINX and Node find the parts that they need. */
  readonly pem: string
  readonly notBefore: number
  readonly notAfter: number
}

/** Parses PEM with a chain and a key. Throws if they are damaged or do not match. */
function readCertificate(pem: string): Certificate {
  const leaf = new X509Certificate(pem)
  if (!leaf.checkPrivateKey(createPrivateKey(pem)))
    throw new Error('The key belongs to another certificate')
  return { pem, notBefore: Date.parse(leaf.validFrom), notAfter: Date.parse(leaf.validTo) }
}

/** The subfolder of the data folder with the ACME account and the certificate of `domain`. */
export function certificateFiles(dataFolder: string, domain: string) {
  const folder = join(dataFolder, 'acme')
  const account = join(folder, 'account.pem')
  const file = join(folder, `${domain}.pem`)
  async function keep(file: string, text: string) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeSecretly(file, text)
  }
  return {
    /** The file with certificate and key. */
    file,

    /** The stored certificate; undefined if there is none, or none that is usable. */
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

    /**
     * The account's key, created by `create` the first time. Also proves that the folder is
     * writable.
     */
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

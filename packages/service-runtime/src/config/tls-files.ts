import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ConfigError } from './config.ts'

/** Whether `text` consists of readable PEM certificates. */
export function isCertificates(text: string): boolean {
  const certificates =
    text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    return certificates.map((one) => new X509Certificate(one)).length > 0
  } catch {
    return false
  }
}

/**
 * Checks that two variables name the files of a certificate and its key, or that neither is set.
 * Throws `ConfigError` with the variable's name, before a server rejects the files in its own
 * words.
 */
export function checkTlsFiles(files: {
  readonly TLS_CERTIFICATE?: string | undefined
  readonly TLS_KEY?: string | undefined
}): void {
  const { TLS_CERTIFICATE, TLS_KEY } = files
  if (TLS_CERTIFICATE === undefined && TLS_KEY === undefined) return
  if (TLS_CERTIFICATE === undefined || TLS_KEY === undefined) {
    throw new ConfigError('TLS_CERTIFICATE, TLS_KEY: set both or neither')
  }
  const certificate = readPem(
    'TLS_CERTIFICATE',
    TLS_CERTIFICATE,
    'must be the path of a certificate chain in PEM, like /etc/letsencrypt/live/chat.example.org/fullchain.pem',
    (pem) => new X509Certificate(pem),
  )
  const key = readPem(
    'TLS_KEY',
    TLS_KEY,
    'must be the path of a private key in PEM without a password, like /etc/letsencrypt/live/chat.example.org/privkey.pem',
    createPrivateKey,
  )
  if (!certificate.checkPrivateKey(key)) {
    throw new ConfigError('TLS_KEY: does not match TLS_CERTIFICATE')
  }
}

function readPem<T>(name: string, file: string, form: string, parse: (pem: Buffer) => T): T {
  let pem: Buffer
  try {
    pem = readFileSync(file)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'unreadable'
    throw new ConfigError(`${name}: cannot be read (${reason}); ${form}`)
  }
  try {
    return parse(pem)
  } catch {
    throw new ConfigError(`${name}: ${form}`)
  }
}

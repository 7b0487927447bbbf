import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '@sotto/service-runtime'

const validDays = 825
const renewBeforeMs = 30 * 24 * 60 * 60 * 1000

/** The files of a certificate chain and its private key, both PEM. */
export interface CertificateFiles {
  readonly certificate: string
  readonly certificateKey: string
}

/**
 * The self-signed certificate of this installation: created at the first start, and again when it
 * is about to expire or lacks a name. Browsers warn about it, so a server for others needs a real
 * certificate.
 */
export async function ownCertificate(
  dataFolder: string,
  publicHost: string,
): Promise<CertificateFiles> {
  const folder = join(dataFolder, 'tls')
  const files = {
    certificate: join(folder, 'certificate.pem'),
    certificateKey: join(folder, 'key.pem'),
  }
  const names = [...new Set(['localhost', hostname(), publicHost])].filter(isHostName)
  if (await isGood(files.certificate, names)) return files
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await make(files, names)
  await chmod(files.certificateKey, 0o600)
  return files
}

const isHostName = (name: string) => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/.test(name)

async function isGood(file: string, names: readonly string[]): Promise<boolean> {
  const pem = await readFile(file).catch(() => undefined)
  if (pem === undefined) return false
  const certificate = new X509Certificate(pem)
  const isFresh = Date.parse(certificate.validTo) - Date.now() > renewBeforeMs
  return isFresh && names.every((name) => certificate.checkHost(name) !== undefined)
}

async function make({ certificate, certificateKey }: CertificateFiles, names: readonly string[]) {
  const addresses = ['IP:127.0.0.1', 'IP:::1']
  const alternatives = [...names.map((name) => `DNS:${name}`), ...addresses].join(',')
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    `${validDays}`,
    '-subj',
    '/CN=Sotto',
    '-addext',
    `subjectAltName=${alternatives}`,
    '-addext',
    'extendedKeyUsage=serverAuth',
    '-keyout',
    certificateKey,
    '-out',
    certificate,
  ]
  await promisify(execFile)('openssl', args).catch(() => {
    throw new StartError('The certificate could not be created: the program openssl is missing.')
  })
}

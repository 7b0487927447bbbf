// Creates the files in deploy/secrets that deploy/compose.yaml reads: strong secrets, the URLs that
// contain them, and a certificate for trials. Existing files are kept.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newOpaqueSetup, newSigningKey } from '@sotto/auth'
import { complaintAboutCompose } from './compose-version.ts'

const folder = process.argv[2] ?? fileURLToPath(new URL('./secrets/', import.meta.url))

/** The container's address, fixed in deploy/compose.yaml. */
const postgresAddress = '10.203.77.41'

/**
 * Containers run as different users, and Compose preserves a file's permissions: so the folder is
 * not accessible to others, but its files are readable.
 */
const folderMode = 0o700
const fileMode = 0o444

async function keepOrMake(name: string, make: () => string | Promise<string>): Promise<string> {
  const file = join(folder, name)
  if (existsSync(file)) return readFile(file, 'utf8')
  const text = await make()
  await writeFile(file, text, { mode: fileMode, flag: 'wx' })
  console.log(`created ${file}`)
  return text
}

const randomText = () => randomBytes(32).toString('base64url')

async function makeDatabaseSecrets(): Promise<void> {
  const superuser = await keepOrMake('postgres_password', randomText)
  const urlFor = (role: string, password: string, host = 'postgres') =>
    `postgres://${role}:${password}@${host}:5432/sotto`
  // For backups, which run outside of the containers.
  await keepOrMake('postgres_url', () => urlFor('postgres', superuser, postgresAddress))
  for (const role of ['auth', 'auth_owner', 'chat', 'chat_owner']) {
    await keepOrMake(`${role}_database_url`, () => urlFor(`sotto_${role}`, randomText()))
  }
}

async function makeBrokerSecrets(): Promise<void> {
  const url = await keepOrMake(
    'rabbitmq_url',
    () => `amqp://sotto:${randomText()}@rabbitmq:5672/sotto`,
  )
  const { username, password, pathname } = new URL(url)
  await keepOrMake('rabbitmq.conf', () =>
    [
      `default_vhost = ${pathname.slice(1)}`,
      `default_user = ${username}`,
      `default_pass = ${password}`,
      '',
    ].join('\n'),
  )
}

/** The secret that identifies the gateway to the services. */
async function makeGatewaySecret(): Promise<void> {
  await keepOrMake('gateway_secret', randomText)
}

/** The token of the operator's commands. */
async function makeAdminToken(): Promise<void> {
  await keepOrMake('admin_token', randomText)
}

async function makeAuthSecrets(): Promise<void> {
  await keepOrMake('auth_signing_key', newSigningKey)
  await keepOrMake('auth_opaque_setup', newOpaqueSetup)
  await keepOrMake('auth_code_pepper', randomText)
  // For the corresponding senders; senders.env names the files.
  for (const name of ['smtp_url', 'smtp_ca', 'twilio_auth_token']) await keepOrMake(name, () => '')
  await keepOrMake('code_webhook_secret', randomText)
}

/** A certificate for trials, about which browsers warn. A real one replaces both files. */
async function makeTrialCertificate(): Promise<void> {
  const key = join(folder, 'tls_key')
  const certificate = join(folder, 'tls_certificate')
  if (existsSync(certificate)) return
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const files = ['-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', ...kind, '-days', '365', ...names, ...files], { stdio: 'pipe' })
  for (const file of [key, certificate]) await chmod(file, fileMode)
  console.log(`created ${certificate}, for localhost only`)
}

const senders = `# How one-time codes are sent. In production, a channel without a sender is closed, and at least one must be open.
# Names that end in _FILE are for secrets: write those to the files of that name in deploy/secrets.

# MAIL_SENDER=smtp
# SMTP_URL_FILE=/run/secrets/smtp_url
# SMTP_FROM=sotto@example.org
# For a mail server with a self-signed certificate:
# SMTP_CA_FILE=/run/secrets/smtp_ca

# SMS_SENDER=twilio
# TWILIO_ACCOUNT_SID=
# TWILIO_AUTH_TOKEN_FILE=/run/secrets/twilio_auth_token
# TWILIO_FROM=

# SMS_SENDER=webhook
# CODE_WEBHOOK_URL=
# CODE_WEBHOOK_SECRET_FILE=/run/secrets/code_webhook_secret

# DEFAULT_COUNTRY=DE
`

await mkdir(folder, { recursive: true, mode: folderMode })
await chmod(folder, folderMode)
await makeDatabaseSecrets()
await makeBrokerSecrets()
await makeGatewaySecret()
await makeAdminToken()
await makeAuthSecrets()
await makeTrialCertificate()
await keepOrMake('senders.env', () => senders)
await chmod(join(folder, 'senders.env'), 0o600)
const complaint = await complaintAboutCompose()
if (complaint !== undefined) console.error(complaint)

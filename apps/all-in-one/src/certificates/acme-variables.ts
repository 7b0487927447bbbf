import { readFileSync } from 'node:fs'
import { domainToASCII } from 'node:url'
import { ConfigError, isCertificates } from '@sotto/service-runtime'
import { z } from 'zod'

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
/** Two labels and more, the last one no number: what a public authority could certify. */
const DOMAIN_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/
const MAX_FILE_BYTES = 1_000_000

const domainWords =
  'must be a name of the DNS without https:// or a port or a path, like chat.example.org'
const authorityWords =
  'must be the path of certificates in PEM or these themselves, like /etc/ssl/our-authority.pem'

/** The variables about certificates that Sotto gets by itself. */
export const acmeVariables = {
  DOMAIN: z
    .string()
    .max(253, domainWords)
    .transform((name) => domainToASCII(name.toLowerCase()))
    .pipe(z.string().regex(DOMAIN_NAME, domainWords))
    .optional(),
  ACME_DIRECTORY: z
    .url({
      protocol: /^https$/,
      error: `must be the address of an ACME directory, like ${LETS_ENCRYPT}`,
    })
    .default(LETS_ENCRYPT),
  ACME_EMAIL: z
    .string()
    .regex(/^[^\s@<>,]{1,64}@[^\s@<>,]{1,189}$/, 'must be an address like admin@example.org')
    .optional(),
  ACME_CA_CERTIFICATE: z
    .string()
    .transform(readPem)
    .pipe(z.string().refine(isCertificates, authorityWords))
    .optional(),
}

type Variables = z.output<z.ZodObject<typeof acmeVariables>>

/** For which name a certificate is wanted, and from whom. */
export interface AcmeSettings {
  readonly domain: string
  /** Where the authority begins. */
  readonly directory: string
  /** Whom the authority may write to. */
  readonly email: string | undefined
  /** PEM: who signs the authority's own certificate, if it is nobody whom Node knows. */
  readonly authorityCertificate: string | undefined
}

/** What the variables ask for; undefined when no certificate is wanted. Throws `ConfigError`. */
export function acmeSettingsOf(variables: Variables): AcmeSettings | undefined {
  const { DOMAIN, ACME_DIRECTORY, ACME_EMAIL, ACME_CA_CERTIFICATE } = variables
  if (DOMAIN !== undefined) {
    return {
      domain: DOMAIN,
      directory: ACME_DIRECTORY,
      email: ACME_EMAIL,
      authorityCertificate: ACME_CA_CERTIFICATE,
    }
  }
  if (ACME_EMAIL !== undefined || ACME_CA_CERTIFICATE !== undefined) {
    throw new ConfigError(
      'DOMAIN: must be set where variables with ACME are, like DOMAIN=chat.example.org',
    )
  }
  return undefined
}

/**
 * Where people reach the server of `domain`: `publicUrl` if it is given, which must be of that name. Throws
 * `ConfigError`.
 */
export function publicUrlOf(
  domain: string,
  httpsPort: number,
  publicUrl: string | undefined,
): string {
  if (publicUrl === undefined) {
    return httpsPort === 443 ? `https://${domain}` : `https://${domain}:${httpsPort}`
  }
  const { protocol, hostname, origin } = new URL(publicUrl)
  if (protocol !== 'https:' || hostname !== domain) {
    throw new ConfigError(
      `PUBLIC_URL: must be of the name in DOMAIN, like https://${domain}; without it, it is just that`,
    )
  }
  return origin
}

function readPem(value: string): string {
  if (value.includes('-----BEGIN')) return value
  try {
    const text = readFileSync(value, 'utf8')
    return text.length > MAX_FILE_BYTES ? '' : text
  } catch {
    return ''
  }
}

import {
  ConfigError,
  type Env,
  environmentName,
  isCertificates,
  readConfig,
  secretVariable,
} from '@sotto/service-runtime'
import { z } from 'zod'
import { type CodeSender, sendByChannel } from './code-sender.ts'
import { smtpSender } from './smtp.ts'
import { terminalSender } from './terminal.ts'
import { twilioSender } from './twilio.ts'
import { webhookSender } from './webhook.ts'

const gatewayAddress = z.url({
  protocol: /^https?$/,
  error: 'must be like https://gateway.example.org/codes',
})
const noBlanks = (words: string, max: number) =>
  z
    .string()
    .max(max, words)
    .regex(/^[!-~]+$/, words)
const FROM = /^([^<>\r\n]{0,128} <)?[^\s@<>]{1,64}@[^\s@<>]{1,189}>?$/

/** The variables that determine how one-time codes are sent. */
export const senderVariables = {
  MAIL_SENDER: z
    .enum(
      ['none', 'terminal', 'smtp', 'webhook'],
      'must be smtp, webhook or none; in development also terminal',
    )
    .optional(),
  SMS_SENDER: z
    .enum(
      ['none', 'terminal', 'twilio', 'webhook'],
      'must be twilio, webhook or none; in development also terminal',
    )
    .optional(),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be like smtps://user:password@mail.example.org' })
    .optional(),
  SMTP_FROM: z
    .string()
    .regex(FROM, 'must be an address like sotto@example.org or Sotto <sotto@example.org>')
    .optional(),
  SMTP_CA: z
    .string()
    .refine(
      isCertificates,
      'must be certificates in PEM, like -----BEGIN CERTIFICATE-----…; SMTP_CA_FILE names a file with them',
    )
    .optional(),
  SMTP_TLS: z.enum(['required', 'off'], 'must be required or off').default('required'),
  TWILIO_ACCOUNT_SID: noBlanks('must be the account SID, like AC0123456789abcdef', 64).optional(),
  TWILIO_AUTH_TOKEN: noBlanks(
    "must be the account's auth token, like 0123456789abcdef",
    128,
  ).optional(),
  TWILIO_FROM: z
    .string()
    .regex(
      /^(\+[1-9]\d{3,14}|MG[\w-]{1,62}|[A-Za-z0-9 ]{1,11})$/,
      'must be a phone number or the id of a messaging service, like +4915112345678 or MG0123456789abcdef',
    )
    .optional(),
  TWILIO_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be like https://api.twilio.com' })
    .default('https://api.twilio.com'),
  CODE_WEBHOOK_URL: gatewayAddress.optional(),
  CODE_WEBHOOK_SECRET: secretVariable.optional(),
}

const SenderEnvironment = z.object({ NODE_ENV: environmentName, ...senderVariables })
type SenderEnvironment = z.infer<typeof SenderEnvironment>

/**
 * Creates the sender for one-time codes that the environment selects; docs/configuration.md
 * describes the variables. `print` writes a line to the terminal. In production, a channel without
 * a sender is closed: no one can log in through it. Throws `ConfigError` for a missing variable,
 * for codes that would be printed to the terminal in production, and if both channels are closed.
 */
export function createCodeSender(env: Env, print: (line: string) => void): CodeSender {
  const variables = readConfig(SenderEnvironment, env)
  const isProduction = variables.NODE_ENV === 'production'
  const build = (asker: 'SMS_SENDER' | 'MAIL_SENDER') => {
    const kind = variables[asker] ?? (isProduction ? 'none' : 'terminal')
    if (kind === 'none') return undefined
    if (kind === 'terminal' && isProduction) {
      throw new ConfigError(`${asker}: must not be "terminal" in production`)
    }
    return builders[kind](variables, print, asker)
  }
  const phone = build('SMS_SENDER')
  const email = build('MAIL_SENDER')
  if (!phone && !email) {
    throw new ConfigError(
      'MAIL_SENDER: must be set unless SMS_SENDER is; otherwise no one could log in',
    )
  }
  return sendByChannel({ ...(phone && { phone }), ...(email && { email }) })
}

type Builder = (
  variables: SenderEnvironment,
  print: (line: string) => void,
  asker: string,
) => CodeSender

const builders: Record<'terminal' | 'smtp' | 'twilio' | 'webhook', Builder> = {
  terminal: (_, print) => terminalSender(print),
  smtp: (variables, _, asker) => {
    const url = needed(variables, 'SMTP_URL', asker)
    const from = needed(variables, 'SMTP_FROM', asker)
    const { SMTP_CA: ca, SMTP_TLS: tls } = variables
    if (tls === 'off' && url.startsWith('smtps:')) {
      throw new ConfigError('SMTP_TLS: must not be off if SMTP_URL begins with smtps://')
    }
    return smtpSender({ url, from, ca, tls })
  },
  twilio: (variables, _, asker) =>
    twilioSender({
      accountSid: needed(variables, 'TWILIO_ACCOUNT_SID', asker),
      authToken: needed(variables, 'TWILIO_AUTH_TOKEN', asker),
      from: needed(variables, 'TWILIO_FROM', asker),
      apiUrl: variables.TWILIO_API_URL,
    }),
  webhook: (variables, _, asker) =>
    webhookSender({
      url: needed(variables, 'CODE_WEBHOOK_URL', asker),
      secret: needed(variables, 'CODE_WEBHOOK_SECRET', asker),
    }),
}

function needed(
  variables: SenderEnvironment,
  name: keyof SenderEnvironment,
  asker: string,
): string {
  const value = variables[name]
  if (value === undefined) throw new ConfigError(`${name}: must be set because of ${asker}`)
  return value
}

import {
  ConfigError,
  type Env,
  environmentName,
  readConfig,
  secretVariable,
} from '@sotto/service-runtime'
import { z } from 'zod'
import { type CodeSender, sendByChannel } from './code-sender.ts'
import { smtpSender } from './smtp.ts'
import { terminalSender } from './terminal.ts'
import { twilioSender } from './twilio.ts'
import { webhookSender } from './webhook.ts'

const webAddress = z.url({ protocol: /^https?$/, error: 'must be an address like https://…' })

/** The variables about how one-time codes go out. */
export const senderVariables = {
  MAIL_SENDER: z.enum(['none', 'terminal', 'smtp', 'webhook']).optional(),
  SMS_SENDER: z.enum(['none', 'terminal', 'twilio', 'webhook']).optional(),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be like smtps://user:password@host' })
    .optional(),
  SMTP_FROM: z.string().max(254).optional(),
  TWILIO_ACCOUNT_SID: z.string().max(64).optional(),
  TWILIO_AUTH_TOKEN: z.string().max(128).optional(),
  TWILIO_FROM: z.string().max(64).optional(),
  TWILIO_API_URL: webAddress.default('https://api.twilio.com'),
  CODE_WEBHOOK_URL: webAddress.optional(),
  CODE_WEBHOOK_SECRET: secretVariable.optional(),
}

const SenderEnvironment = z.object({ NODE_ENV: environmentName, ...senderVariables })
type SenderEnvironment = z.infer<typeof SenderEnvironment>

/**
 * The way of one-time codes that the environment asks for; the variables are in docs/configuration.md. `print`
 * writes a line to the terminal. In production a channel without a sender is closed: nobody can log in by
 * it. Throws `ConfigError`: for a missing variable, for codes that would go to the terminal in
 * production, and when both channels are closed.
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
    throw new ConfigError('MAIL_SENDER: must be set, or SMS_SENDER: nobody could log in')
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
  smtp: (variables, _, asker) =>
    smtpSender({
      url: needed(variables, 'SMTP_URL', asker),
      from: needed(variables, 'SMTP_FROM', asker),
    }),
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
  if (value === undefined) throw new ConfigError(`${name}: must be set, ${asker} asks for it`)
  return value
}

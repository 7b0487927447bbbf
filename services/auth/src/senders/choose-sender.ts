import { ConfigError, readConfig } from '@sotto/service-runtime'
import { z } from 'zod'
import { secretVariable } from '../strong-secret.ts'
import { type CodeSender, sendByChannel } from './code-sender.ts'
import { smtpSender } from './smtp.ts'
import { terminalSender } from './terminal.ts'
import { twilioSender } from './twilio.ts'
import { webhookSender } from './webhook.ts'

const webAddress = z.url({ protocol: /^https?$/, error: 'must be an address like https://…' })

const SenderEnvironment = z.object({
  NODE_ENV: z.string().default('development'),
  MAIL_SENDER: z.enum(['terminal', 'smtp', 'webhook']).default('terminal'),
  SMS_SENDER: z.enum(['terminal', 'twilio', 'webhook']).default('terminal'),
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
})
type SenderEnvironment = z.infer<typeof SenderEnvironment>

/**
 * The way of one-time codes that the environment asks for; the variables are in the README. `print`
 * writes a line to the terminal. Throws `ConfigError`: for a missing variable, and for codes that
 * would go to the terminal in production.
 */
export function createCodeSender(
  env: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): CodeSender {
  const variables = readConfig(SenderEnvironment, env)
  const build = (kind: keyof typeof builders, asker: string) => {
    if (kind === 'terminal' && variables.NODE_ENV === 'production') {
      throw new ConfigError(`${asker}: must not be "terminal" in production`)
    }
    return builders[kind](variables, print, asker)
  }
  return sendByChannel({
    phone: build(variables.SMS_SENDER, 'SMS_SENDER'),
    email: build(variables.MAIL_SENDER, 'MAIL_SENDER'),
  })
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

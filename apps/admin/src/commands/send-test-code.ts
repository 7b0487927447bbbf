import { EmailInput, PhoneInput } from '@sotto/wire'
import { authOperatorRequests as auth, type TestCodeAnswer } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Command, Given } from '../command.ts'

/** Tests whether codes are sent. */
export const sendTestCodeCommand: Command = {
  name: 'send-test-code',
  usage: 'ADDRESS',
  summary: `sends a code to a phone number or an email address like a log-in does, and says whether it was accepted, or
      why not. The code opens nothing`,
  options: {},
  prepare(given) {
    const body = addressIn(given)
    const channel = 'email' in body ? 'email' : 'phone'
    return {
      logged: { channel },
      async run({ ask }) {
        const answer = await ask(auth.sendTestCode, { body })
        const { isTaken, reason = null, status = null } = answer
        return {
          json: answer,
          text: show(answer),
          logged: { isTaken, reason, status },
          isFailure: !isTaken,
        }
      },
    }
  },
}

function addressIn({ args }: Given): { phone: string } | { email: string } {
  const [text, ...more] = args
  if (text === undefined || more.length > 0) {
    throw new AdminError(
      'usage',
      'Give one phone number, in quotation marks, or one email address.',
    )
  }
  const isEmail = text.includes('@')
  const isFit = (isEmail ? EmailInput : PhoneInput).safeParse(text).success
  if (!isFit) throw new AdminError('usage', 'This is neither a phone number nor an email address.')
  return isEmail ? { email: text } : { phone: text }
}

function show({ channel, isTaken, isPrinted, why, reason, status }: TestCodeAnswer): string {
  if (isPrinted) {
    const variable = channel === 'email' ? 'MAIL_SENDER' : 'SMS_SENDER'
    return `No code was sent: Sotto printed it in its own terminal, as in a trial. Set ${variable} to send codes.`
  }
  const by = channel === 'email' ? 'The mail server' : 'The SMS gateway'
  if (isTaken) return `${by} accepted the code. Check whether it arrives.`
  const more = [reason, status].filter((part) => part !== undefined).join(', ')
  return `The code was not sent: ${why}${more === '' ? '' : ` (${more})`}.`
}

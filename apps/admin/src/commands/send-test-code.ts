import { EmailInput, PhoneInput } from '@sotto/wire'
import { authOperatorRequests as auth, type TestCodeAnswer } from '@sotto/wire/operator'
import { AdminError } from '../admin-error.ts'
import type { Command, Given } from '../command.ts'

/** Tries whether codes go out. */
export const sendTestCodeCommand: Command = {
  name: 'send-test-code',
  usage: 'ADDRESS',
  summary: `sends a code to a phone number or an e-mail address as log-ins do, and says whether it was taken, and
      otherwise why not. The code opens nothing`,
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
      'Name one phone number, in quotation marks, or one e-mail address.',
    )
  }
  const isEmail = text.includes('@')
  const isFit = (isEmail ? EmailInput : PhoneInput).safeParse(text).success
  if (!isFit) throw new AdminError('usage', 'This is neither a phone number nor an e-mail address.')
  return isEmail ? { email: text } : { phone: text }
}

function show({ channel, isTaken, isPrinted, why, reason, status }: TestCodeAnswer): string {
  if (isPrinted) {
    const variable = channel === 'email' ? 'MAIL_SENDER' : 'SMS_SENDER'
    return `Nobody was sent a code: Sotto printed it in its own terminal, as in a trial. ${variable} says how codes go out.`
  }
  const by = channel === 'email' ? 'The mail server' : 'The SMS gateway'
  if (isTaken) return `${by} took the code. Look whether it arrives.`
  const more = [reason, status].filter((part) => part !== undefined).join(', ')
  return `The code did not go out: ${why}${more === '' ? '' : ` (${more})`}.`
}

import type { Metrics } from '@sotto/service-runtime'
import type { CodeSender } from './senders/code-sender.ts'

/** How a person proved their identity at a log-in. */
export type LogInWay = 'phone' | 'email' | 'registration' | 'password'

const LOG_INS = { name: 'sotto_log_ins_total', help: 'Log-ins by method of proof' }
const CODES = { name: 'sotto_codes_total', help: 'Attempts to send a one-time code, by outcome' }

/** Counts log-ins. */
export function measureLogIns(metrics: Metrics): (way: LogInWay) => void {
  const counts = {
    phone: metrics.counter(LOG_INS, { way: 'phone' }),
    email: metrics.counter(LOG_INS, { way: 'email' }),
    registration: metrics.counter(LOG_INS, { way: 'registration' }),
    password: metrics.counter(LOG_INS, { way: 'password' }),
  }
  return (way) => counts[way].add()
}

/** Wraps a sender so that its attempts are counted. */
export function measureSending(sendCode: CodeSender, metrics: Metrics): CodeSender {
  const countOf = (channel: string) => ({
    sent: metrics.counter(CODES, { channel, outcome: 'sent' }),
    failed: metrics.counter(CODES, { channel, outcome: 'failed' }),
  })
  const counts = { phone: countOf('phone'), email: countOf('email') }
  const send: CodeSender = async (outgoing) => {
    const { sent, failed } = counts[outgoing.channel]
    try {
      await sendCode(outgoing)
      sent.add()
    } catch (error) {
      failed.add()
      throw error
    }
  }
  return Object.assign(send, sendCode.channels && { channels: sendCode.channels })
}

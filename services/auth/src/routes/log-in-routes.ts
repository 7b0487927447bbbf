import { type App, route } from '@sotto/service-runtime'
import { authRequests } from '@sotto/wire'
import type { FastifyRequest } from 'fastify'
import { parseEmailAddress } from '../addresses/email-address.ts'
import { parsePhoneNumber } from '../addresses/phone-number.ts'
import type { AuthContext } from '../context.ts'
import { type Caller, startChallenge } from '../domain/codes/challenge.ts'
import { logInByEmail } from '../domain/log-in/email-log-in.ts'
import { finishPasswordLogIn, startPasswordLogIn } from '../domain/log-in/password-log-in.ts'
import { logInByPhone } from '../domain/log-in/phone-log-in.ts'
import { finishRegistration, proveEmail, startRegistration } from '../domain/log-in/registration.ts'
import { answerTokens } from './answer-tokens.ts'

/** Codes, passwords, and the first tokens. */
export function logInRoutes(app: App, context: AuthContext) {
  route(app, authRequests.listChannels, async () => ({ channels: [...context.channels] }))
  route(app, authRequests.startPhone, async ({ body, request }) =>
    startChallenge(context, callerOf(request, body), () => ({
      channel: 'phone',
      address: parsePhoneNumber(body.phone, context.defaultCountry),
    })),
  )
  route(app, authRequests.verifyPhone, async ({ body, request, reply }) =>
    answerTokens(
      context,
      reply,
      await logInByPhone(context, request.ip, body, body.device),
      'phone',
    ),
  )
  route(app, authRequests.startEmail, async ({ body, request }) =>
    startChallenge(context, callerOf(request, body), () => ({
      channel: 'email',
      address: parseEmailAddress(body.email),
    })),
  )
  route(app, authRequests.verifyEmail, async ({ body, request }) =>
    proveEmail(context, request.ip, body),
  )
  route(app, authRequests.startRegistration, async ({ body, request }) =>
    startRegistration(context, request.ip, body),
  )
  route(app, authRequests.finishRegistration, async ({ body, request, reply }) =>
    answerTokens(
      context,
      reply,
      await finishRegistration(context, request.ip, body),
      'registration',
    ),
  )
  route(app, authRequests.logInByEmail, async ({ body, request, reply }) =>
    answerTokens(context, reply, await logInByEmail(context, request.ip, body), 'email'),
  )
  route(app, authRequests.startLogin, async ({ body, request }) =>
    startPasswordLogIn(context, callerOf(request, body), body),
  )
  route(app, authRequests.finishLogin, async ({ body, request, reply }) =>
    answerTokens(context, reply, await finishPasswordLogIn(context, request.ip, body), 'password'),
  )
}

function callerOf(
  { ip }: FastifyRequest,
  { knownDevice, invitation }: Omit<Partial<Caller>, 'ip'>,
): Caller {
  return { ip, knownDevice, invitation }
}

import { z } from 'zod'
import {
  Challenge,
  ChallengeId,
  CodeChannel,
  KnownDevice,
  LoginDevice,
  NoSession,
  OneTimeCode,
  OpaqueMessage,
  OwnAccount,
  SessionEntry,
  Ticket,
  TokenAnswer,
  Wrap,
} from '../auth.ts'
import { AccountId, InvitationId, SessionId } from '../ids.ts'
import { InvitationEntry, InvitationToken, NewInvitation, SignUpMode } from '../invitations.ts'
import { MAX_INVITATIONS, MAX_TOKEN_CHARS } from '../limits.ts'
import { EmailInput, Moment, PhoneInput, Version } from '../text.ts'
import { endpoint } from './endpoint.ts'
import { Nothing } from './fields.ts'

/** Optional fields that accompany an address when a code is requested. */
const asking = { knownDevice: KnownDevice.optional(), invitation: InvitationToken.optional() }
/** Proves an address. Includes an invitation if this server requires one to create an account. */
const codeTry = {
  challengeId: ChallengeId,
  code: OneTimeCode,
  invitation: InvitationToken.optional(),
}

/** The endpoints of the auth service. */
export const authRequests = {
  /**
   * The channels through which this server sends codes. Signing up and logging in work only through
   * these.
   */
  listChannels: endpoint({
    method: 'GET',
    path: '/auth/channels',
    access: 'anyone',
    response: z.strictObject({ channels: z.array(CodeChannel).min(1).max(2) }),
  }),
  /** Who may create an account here, and whether members may invite others. */
  signUp: endpoint({
    method: 'GET',
    path: '/auth/sign-up',
    access: 'anyone',
    response: z.strictObject({ signUp: SignUpMode, membersInvite: z.boolean() }),
  }),
  /** Whether an invitation still works. */
  checkInvitation: endpoint({
    method: 'POST',
    path: '/auth/invitations/check',
    access: 'anyone',
    body: z.strictObject({ invitation: InvitationToken }),
    response: z.strictObject({ expiresAt: Moment }),
  }),
  createInvitation: endpoint({
    method: 'POST',
    path: '/auth/invitations',
    access: 'account',
    body: NewInvitation,
    response: InvitationEntry.extend({ invitation: InvitationToken }),
  }),
  /** The caller's invitations that are still valid. */
  listInvitations: endpoint({
    method: 'GET',
    path: '/auth/invitations',
    access: 'account',
    response: z.strictObject({ invitations: z.array(InvitationEntry).max(MAX_INVITATIONS) }),
  }),
  revokeInvitation: endpoint({
    method: 'DELETE',
    path: '/auth/invitations/:invitationId',
    access: 'account',
    params: z.strictObject({ invitationId: InvitationId }),
    response: Nothing,
  }),
  startPhone: endpoint({
    method: 'POST',
    path: '/auth/phone/start',
    access: 'anyone',
    body: z.strictObject({ phone: PhoneInput, ...asking }),
    response: Challenge,
  }),
  /** Logs in. Creates an account if the number is new. */
  verifyPhone: endpoint({
    method: 'POST',
    path: '/auth/phone/verify',
    access: 'anyone',
    body: z.strictObject({ ...codeTry, device: LoginDevice }),
    response: TokenAnswer,
  }),
  startEmail: endpoint({
    method: 'POST',
    path: '/auth/email/start',
    access: 'anyone',
    body: z.strictObject({ email: EmailInput, ...asking }),
    response: Challenge,
  }),
  /**
   * Proves an email address, either for a new account or to set a new password for an existing one.
   */
  verifyEmail: endpoint({
    method: 'POST',
    path: '/auth/email/verify',
    access: 'anyone',
    body: z.strictObject(codeTry),
    response: z.strictObject({ ticket: Ticket, accountId: AccountId, isNew: z.boolean() }),
  }),
  startRegistration: endpoint({
    method: 'POST',
    path: '/auth/password/register-start',
    access: 'anyone',
    body: z.strictObject({ ticket: Ticket, registrationRequest: OpaqueMessage }),
    response: z.strictObject({ registrationResponse: OpaqueMessage }),
  }),
  /**
   * Creates the account or replaces its password, and logs in. The new password cannot open the old
   * password wrap, so that wrap is removed; an unlocked device stores the new one.
   */
  finishRegistration: endpoint({
    method: 'POST',
    path: '/auth/password/register-finish',
    access: 'anyone',
    body: z.strictObject({
      ticket: Ticket,
      registrationRecord: OpaqueMessage,
      device: LoginDevice,
      invitation: InvitationToken.optional(),
    }),
    response: TokenAnswer,
  }),
  /**
   * Logs in with nothing but a proven address. Creates an account if the address is new. Answers
   * `wrong_credentials` if the account has a password.
   */
  logInByEmail: endpoint({
    method: 'POST',
    path: '/auth/email/log-in',
    access: 'anyone',
    body: z.strictObject({
      ticket: Ticket,
      device: LoginDevice,
      invitation: InvitationToken.optional(),
    }),
    response: TokenAnswer,
  }),
  startLogin: endpoint({
    method: 'POST',
    path: '/auth/password/login-start',
    access: 'anyone',
    body: z.strictObject({
      email: EmailInput,
      startLoginRequest: OpaqueMessage,
      knownDevice: KnownDevice.optional(),
    }),
    response: z.strictObject({ loginId: ChallengeId, loginResponse: OpaqueMessage }),
  }),
  finishLogin: endpoint({
    method: 'POST',
    path: '/auth/password/login-finish',
    access: 'anyone',
    body: z.strictObject({
      loginId: ChallengeId,
      finishLoginRequest: OpaqueMessage,
      device: LoginDevice,
    }),
    response: TokenAnswer,
  }),
  /**
   * The refresh token comes in the body or in the cookie `__Host-sotto-refresh`. Without either,
   * there is no session; that is a normal answer, not an error.
   */
  refresh: endpoint({
    method: 'POST',
    path: '/auth/refresh',
    access: 'anyone',
    body: z.strictObject({ refresh_token: z.string().max(MAX_TOKEN_CHARS).optional() }),
    response: z.union([TokenAnswer, NoSession]),
  }),
  logOut: endpoint({
    method: 'POST',
    path: '/auth/logout',
    access: 'log-in',
    response: Nothing,
  }),
  listSessions: endpoint({
    method: 'GET',
    path: '/auth/sessions',
    access: 'account',
    response: z.strictObject({ sessions: z.array(SessionEntry).max(256) }),
  }),
  endSession: endpoint({
    method: 'DELETE',
    path: '/auth/sessions/:sessionId',
    access: 'account',
    params: z.strictObject({ sessionId: SessionId }),
    response: Nothing,
  }),
  ownAccount: endpoint({
    method: 'GET',
    path: '/auth/account',
    access: 'log-in',
    response: OwnAccount,
  }),
  setFindable: endpoint({
    method: 'PUT',
    path: '/auth/account/findable',
    access: 'account',
    body: z.strictObject({ findable: z.boolean() }),
    response: Nothing,
  }),
  /** Send exactly one of phone and email. */
  lookUp: endpoint({
    method: 'POST',
    path: '/auth/lookup',
    access: 'account',
    body: z.union([z.strictObject({ phone: PhoneInput }), z.strictObject({ email: EmailInput })]),
    response: z.strictObject({ accountId: AccountId }),
  }),
  /** The wraps of the root secret. New ones are stored through the chat service. */
  listWraps: endpoint({
    method: 'GET',
    path: '/auth/wraps',
    access: 'log-in',
    response: z.strictObject({
      /** Increases with each write of the wraps; 0 before the first. */
      version: z.union([z.literal(0), Version]),
      wraps: z.array(Wrap).max(8),
    }),
  }),
  /** The public keys of access tokens (RFC 7517). */
  jwks: endpoint({
    method: 'GET',
    path: '/.well-known/jwks.json',
    access: 'anyone',
    response: z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(8) }),
  }),
} as const

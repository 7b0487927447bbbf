import { z } from 'zod'

// RFC 9562, lower case only: ids are repeated inside the ciphertext and compared byte by byte, so
// each id must have exactly one spelling. It is a single expression because an envelope has four
// ids to check.
const UUID =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12})$/
const uuid = () => z.string().regex(UUID)

/** A person's registration. Chosen by the auth service. */
export const AccountId = uuid().brand<'AccountId'>()
export type AccountId = z.infer<typeof AccountId>

/** One browser profile or one terminal. Chosen by the device itself. */
export const DeviceId = uuid().brand<'DeviceId'>()
export type DeviceId = z.infer<typeof DeviceId>

/** A log-in with its refresh tokens. Chosen by the auth service. */
export const SessionId = uuid().brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** Chosen by the device that creates the conversation; bound into every derived key. */
export const ConversationId = uuid().brand<'ConversationId'>()
export type ConversationId = z.infer<typeof ConversationId>

/** Chosen by the sender, so that a retry is recognized as the same envelope. */
export const EnvelopeId = uuid().brand<'EnvelopeId'>()
export type EnvelopeId = z.infer<typeof EnvelopeId>

/** An invitation as its creator sees it. Chosen by the auth service. */
export const InvitationId = uuid().brand<'InvitationId'>()
export type InvitationId = z.infer<typeof InvitationId>

import type { ErrorCode, NameProblem } from '@sotto/wire'
import type { StorageProblem } from './views.ts'

/** Why a command failed: a code of the server, or one of the client. */
export type ClientErrorCode =
  | ErrorCode
  | 'offline'
  | NameProblem
  | 'weak_password'
  /** Passwords need WebAssembly, which this browser lacks. */
  | 'no_web_assembly'
  | 'not_an_invitation'
  | 'wrong_passphrase'
  | 'not_a_private_key'
  | 'recovery_code_mismatch'
  | 'recovery_code_wrong'
  | 'wrap_damaged'
  | 'other_account'
  /** The server would refuse this input, so it wasn't sent. */
  | 'invalid_input'
  /** The name isn't allowed. The details have `problem`, and `character` if that one is hidden. */
  | 'invalid_name'
  | 'invalid_picture'
  | 'text_too_long'
  /** The text has half of a surrogate pair, at the index `at` in the details. */
  | 'broken_text'
  | 'empty_text'
  | 'key_changed'
  | 'no_rsa_key'
  | StorageProblem
  | 'untrusted_answer'

import { afterAll, afterEach, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { forgedEnvelopes } from './cases/forged-envelopes.ts'
import { log } from './cases/log.ts'
import { ClientStage } from './client-stage.ts'

let stage: ClientStage

beforeAll(async () => {
  stage = await ClientStage.start()
})
afterEach(() => stage?.calm())
afterAll(() => stage?.[Symbol.asyncDispose]())

testSubjects([log, forgedEnvelopes], () => stage)

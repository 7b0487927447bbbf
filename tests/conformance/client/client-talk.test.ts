import { afterAll, afterEach, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { delivery } from './cases/delivery.ts'
import { requests } from './cases/requests.ts'
import { signUp } from './cases/sign-up.ts'
import { talk } from './cases/talk.ts'
import { ClientStage } from './client-stage.ts'

let stage: ClientStage

beforeAll(async () => {
  stage = await ClientStage.start()
})
afterEach(() => stage?.calm())
afterAll(() => stage?.[Symbol.asyncDispose]())

testSubjects([signUp, requests, talk, delivery], () => stage)

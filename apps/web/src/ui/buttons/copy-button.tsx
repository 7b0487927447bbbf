import { t } from '@lingui/core/macro'
import { useState } from 'react'
import { Button } from './button.tsx'

/** Copies `text` and confirms it in its label. */
export function CopyButton({ text, label = t`Copy` }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <Button icon={copied ? 'accepted' : 'copy'} onClick={copy}>
      <span aria-live="polite">{copied ? t`Copied` : label}</span>
    </Button>
  )
}

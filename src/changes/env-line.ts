import { setLine, unsetLine } from './block-text.ts'
import { editKind } from './edit.ts'
import type { WantOf } from './kind.ts'

type Undo = { old: string | null; addedNewline: boolean }

/** One `NAME=value` line of a file such as /etc/environment. */
export const envLine = editKind<WantOf<'env-line'>>({
  make(text, want) {
    const { text: made, old, addedNewline } = setLine(text, want.name, want.value)
    return { text: made, undo: { old, addedNewline } satisfies Undo }
  },
  cut(text, want, undo) {
    const { old, addedNewline } = undo as Undo
    return unsetLine(text, want.name, want.value, old, addedNewline)
  },
  holds: (text, want) => setLine(text, want.name, want.value).text === text,
})

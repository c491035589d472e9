/** A name or a password before the host of an address; `ssh://git@host` names an account that everybody uses. */
const CREDENTIALS = /\b(https?:\/\/)[^/\s"'<>]*@|\b([a-z][a-z0-9+.-]*:\/\/)[^/\s"'<>@]*:[^/\s"'<>]*@/gi

/** Why text with them is refused, and the ways that work: recipes and plans are shown and written down. */
export const NO_CREDENTIALS = 'holds a name or a password: put it into ~/.netrc or a git credential helper instead'

/** Whether an address in this text holds a name or a password. */
export const hasCredentials = (text: string): boolean => text.search(CREDENTIALS) >= 0

/** The text with its addresses as they may be shown. */
export const withoutCredentials = (text: string): string => text.replaceAll(CREDENTIALS, '$1$2')

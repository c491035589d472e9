/**
 * How the page looks: light and dark, on paper, and as narrow as a phone. Fonts are named by kind only: the name of one could be
 * that of a person, and the gate would then find it here. Colour only repeats what the words say.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --line: #ccc; --soft: #595959; --box: #f3f3f3; --fail: #b3261e; --warn: #8a4b00; --pass: #1b6e2e
}
@media (prefers-color-scheme: dark) {
  :root { --line: #4a4a4a; --soft: #b0b0b0; --box: #262626; --fail: #ff9088; --warn: #ffb95c; --pass: #86d793 }
}
* { box-sizing: border-box }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 60rem; overflow-wrap: anywhere }
h1, h2, h3 { line-height: 1.25 }
h1 { margin: 0 0 .5rem; font-size: 1.6rem }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.25rem }
h3 { margin: 0 0 .75rem; font-size: 1.05rem }
code, pre { font: .9em/1.45 ui-monospace, monospace }
h3 code { font-weight: 400; color: var(--soft) }
pre { margin: .25rem 0; padding: .5rem .75rem; background: var(--box); white-space: pre-wrap }
table { width: 100%; border-collapse: collapse; table-layout: fixed }
caption { padding-bottom: .5rem; text-align: left; color: var(--soft) }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { font-weight: 600 }
th:first-child { width: 34% }
.checks th:first-child { width: 7rem; white-space: nowrap }
dl { margin: 0 }
dt { margin-top: .5rem; color: var(--soft); font-size: .9rem }
dd { margin: 0 }
ul { margin: .25rem 0 1rem; padding-left: 1.25rem }
summary { cursor: pointer; padding: .35rem 0 }
article { margin: 1rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-left: .35rem solid var(--soft) }
article.fail { border-left-color: var(--fail) }
article.warn { border-left-color: var(--warn) }
b.fail { color: var(--fail) }
b.warn { color: var(--warn) }
b.pass { color: var(--pass) }
.soft { color: var(--soft) }
.loud { padding: .75rem 1rem; border: 3px solid var(--fail); font-weight: 600 }
@media (max-width: 34rem) {
  .facts th:first-child { width: 46%; font-size: .8rem }
}
@media print {
  body { max-width: none; padding: 0 }
  tr, article { break-inside: avoid }
  details::details-content { content-visibility: visible; block-size: auto }
}
`

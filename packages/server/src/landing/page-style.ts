export const PAGE_STYLE = `:root { color-scheme: dark; --line: #2c333c; --dim: #9aa6b2; --bright: #e8edf2; --accent: #6fb3e8 }
* { box-sizing: border-box }
body { margin: 0; background: #12161b; color: var(--bright); font: 15px/1.5 system-ui, sans-serif }
header { display: flex; align-items: baseline; gap: 1.5rem; padding: 1rem 2rem; border-bottom: 1px solid var(--line) }
h1 { font-size: 1.2rem; margin: 0; letter-spacing: .04em }
h2 { font-size: 1.05rem; margin: 0 0 1rem }
#state, #jobs, #more { margin: 0; color: var(--dim) }
#jobs:not(:empty) { margin-bottom: 1rem }
#sign-out { margin-left: auto }
main { max-width: 72rem; margin: 0 auto; padding: 2rem }
form { width: 22rem; max-width: 100%; margin: 10vh auto 0; padding: 1.5rem; border: 1px solid var(--line); border-radius: 8px }
label { display: block; margin-bottom: 1rem; color: var(--dim) }
input { display: block; width: 100%; margin-top: .25rem; padding: .5rem; font: inherit; color: var(--bright);
  background: #0c0f13; border: 1px solid var(--line); border-radius: 4px }
button { padding: .45rem 1rem; font: inherit; color: #0c0f13; background: var(--accent); border: 0; border-radius: 4px; cursor: pointer }
#sign-out { color: var(--bright); background: none; border: 1px solid var(--line) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
#problem { text-align: center; color: #f2a09a }
#studies { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)) }
#studies li { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: #171c22 }
#studies img { display: block; width: 100%; height: 11rem; object-fit: contain; background: #000; color: var(--dim) }
#studies div { padding: .75rem 1rem }
#studies b, #studies span { display: block; overflow-wrap: anywhere }
#studies span { color: var(--dim); font-size: .9em }
[hidden] { display: none !important }
`;
